// What is measured: each scenario, the paths it asks for, and what every framework's handlers share.

/**
 * The scenarios by name.
 *
 * `paths` are asked for in turn; every answer must have `status`, 200 where none is given.
 */
export const scenarios = {
  hello: { title: 'hello text', paths: ['/'] },
  json: { title: 'JSON, a small object', paths: ['/json'] },
  params: { title: 'two parameters, /users/:id/posts/:postId', paths: ['/users/42/posts/7'] },
  table: { title: '1,000 routes, the last of each kind', paths: ['/api/area-998/items', '/api/area-999/items/42'] },
  controller: { title: 'a controller per request, a before and an after hook', paths: ['/controller'] },
  missing: { title: '404', paths: ['/nothing/here'], status: 404 },
}

export const greeting = 'Hello, World!'

export function createMessage() {
  return { message: greeting, count: 3, ok: true }
}

export function describePost(id, postId) {
  return `post ${postId} of user ${id}`
}

/** 1,000 routes, static ones and ones with an `:id` in turn; `answer(id)` gives the text. */
export function createRouteTable() {
  return Array.from({ length: 1000 }, (_, area) =>
    area % 2 === 0
      ? { route: `/api/area-${area}/items`, answer: () => `items of area ${area}` }
      : { route: `/api/area-${area}/items/:id`, answer: (id) => `item ${id} of area ${area}` },
  )
}

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
