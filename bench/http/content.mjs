// What every framework's handlers answer with, so that they differ in nothing but the framework.

export const greeting = 'Hello, World!'

export function createMessage() {
  return { message: greeting, count: 3, ok: true }
}

/** The schema of the order that is posted, by zod. */
export function orderSchema(z) {
  const item = z.object({ sku: z.string(), count: z.int(), price: z.number() })
  return z.object({
    id: z.int(),
    customer: z.string(),
    items: z.array(item),
    note: z.string(),
    paid: z.boolean(),
    express: z.boolean(),
  })
}

export function describePost(id, postId) {
  return `post ${postId} of user ${id}`
}

/** `count` routes, static ones and ones with an `:id` in turn; `answer(id)` gives the text. */
export function createRouteTable(count) {
  return Array.from({ length: count }, (_, area) =>
    area % 2 === 0
      ? { route: `/api/area-${area}/items`, answer: () => `items of area ${area}` }
      : { route: `/api/area-${area}/items/:id`, answer: (id) => `item ${id} of area ${area}` },
  )
}

/** `count` hosts, each with the text of its front page. */
export function createDomains(count) {
  return Array.from({ length: count }, (_, shop) => ({
    host: `shop-${shop}.example.com`,
    text: `Welcome to shop ${String(shop).padStart(2, '0')}!`,
  }))
}

export const middlewareCount = 5

export function describePassed(count) {
  return `passed ${count} middleware`
}

/** What signs session cookies; @fastify/session wants 32 characters or more. */
export const sessionSecret = 'a secret for a benchmark, nothing else'

export const userName = 'Ada Lovelace'

/** The folder of `page.eta`. */
export const viewFolder = new URL('views/', import.meta.url)

/** What `page.eta` shows: some 4 kB of HTML. */
export function createPage() {
  return {
    title: 'Books & authors',
    books: Array.from({ length: 40 }, (_, n) => ({ id: n, title: `The <${n}>th book` })),
  }
}

/** The folder of the static file. */
export const fileFolder = new URL('files/', import.meta.url)

/** The controller that every framework without controllers makes anew for each request. */
export class GreetingController {
  #request
  #used = false

  constructor(request) {
    this.#request = request
  }

  show() {
    if (this.#used) throw new Error('This controller served a request before')
    this.#used = true
    return this.#request === undefined ? 'Hello, nobody!' : greeting
  }
}
