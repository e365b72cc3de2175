import { expect } from 'chai'
import { declaration, reply } from 'tribind'
import { z } from 'zod'
import { get, Loan, serve } from './answer.ts'
import { libraries } from './libraries.ts'

describe('the JSON of declared bodies', () => {
  const secret = { id: 1, state: 'lent', password: 'x' }

  it('has what is declared, and nothing else', async () => {
    for (const checkResponses of ['off', 'log', 'fail'] as const) {
      const handler = declaration({ responses: { 200: Loan } }).handler(() => secret)
      expect((await get(serve(handler, { checkResponses }))).text).to.equal('{"id":1,"state":"lent"}')
      const union = z.object({ one: z.union([z.string(), Loan]), many: z.array(Loan) })
      const nested = declaration({ responses: { 200: union } }).handler(() => ({ one: secret, many: [secret] }))
      expect((await get(serve(nested, { checkResponses }))).text).to.equal(
        '{"one":{"id":1,"state":"lent"},"many":[{"id":1,"state":"lent"}]}',
      )
    }
  })

  it('is that of JSON.stringify for what does not fit, and for schemas without a JSON Schema', async () => {
    const wrong = { id: 'x', state: 'lent', more: true }
    for (const checkResponses of ['off', 'log'] as const) {
      const handler = declaration({ responses: { 200: Loan } }).handler(() => wrong as never)
      expect((await get(serve(handler, { checkResponses }))).text).to.equal(JSON.stringify(wrong))
      const nothing = declaration({ responses: { 200: Loan } }).handler(() =>
        reply(200, null as unknown as z.infer<typeof Loan>),
      )
      expect((await get(serve(nothing, { checkResponses }))).text).to.equal('null')
    }
    const unknown = libraries.find(({ tells }) => !tells)
    const handler = declaration({ responses: { 200: unknown?.loan as never } }).handler(() => secret as never)
    expect((await get(serve(handler))).text).to.equal(JSON.stringify(secret))
  })

  it('turns nothing of another type into what is declared', async () => {
    const Book = z.object({
      pages: z.int(),
      title: z.string(),
      lent: z.boolean(),
      tags: z.array(z.string()),
      by: z.object({ name: z.string() }),
    })
    const right = { pages: 5, title: 'Emma', lent: true, tags: ['a'], by: { name: 'Austen' } }
    const wrong = { pages: '5', title: null, lent: 'false', tags: [1], by: null }
    for (const [name, value] of Object.entries(wrong)) {
      const book = { ...right, [name]: value }
      const server = serve(
        declaration({ responses: { 200: Book } }).handler(() => book as never),
        { checkResponses: 'off' },
      )
      expect((await get(server)).text, name).to.equal(JSON.stringify(book))
    }
  })

  it('has what is declared alone also where a schema says of texts what only it knows', async () => {
    const Named = z.object({ name: z.string().regex(new RegExp('^\\_x')) })
    const Other = z.object({ id: z.cuid2() })
    const handler = declaration({ responses: { 200: z.union([Named, Other]) } }).handler(() => ({
      name: '_x',
      secret: 1,
    }))
    expect((await get(serve(handler, { checkResponses: 'off' }))).text).to.equal('{"name":"_x"}')
  })

  it('makes no other value of what does not fit below references and other names', async () => {
    const Named = z.object({ n: z.number(), s: z.string() }).meta({ id: 'NamedPart' })
    const Tree = z.object({
      v: z.number(),
      get kids() {
        return z.array(Tree)
      },
    })
    const wrong = [
      [z.object({ a: Named }), { a: { n: null, s: null } }],
      [Tree, { v: 1, kids: [{ v: null, kids: [] }] }],
      [z.record(z.string(), z.number()), { a: null }],
      [z.object({ a: z.string() }).catchall(z.number()), { a: 'x', b: null }],
      [z.object({ s: z.string() }), { s: { toJSON: () => ({ x: 1 }) } }],
    ] as const
    for (const [body, value] of wrong) {
      const handler = declaration({ responses: { 200: body } }).handler(() => value as never)
      expect((await get(serve(handler, { checkResponses: 'off' }))).text).to.equal(JSON.stringify(value))
    }
  })

  it('takes dates, recursive schemas, and schemas that are named', async () => {
    const Tree = z.object({
      at: z.date(),
      get next() {
        return Tree.optional()
      },
    })
    const Named = z.object({ a: z.string() }).meta({ id: 'Named' })
    const body = z.object({ tree: Tree, named: z.tuple([Named, Named]) })
    const value = { tree: { at: new Date(0), next: { at: new Date(1) } }, named: [{ a: '1' }, { a: '2' }] as const }
    const handler = declaration({ responses: { 200: body } }).handler(() => structuredClone(value) as never)
    expect((await get(serve(handler, { checkResponses: 'fail' }))).text).to.equal(JSON.stringify(value))
  })
})
