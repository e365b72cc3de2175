import { expect } from 'chai'
import { compile } from './compile.ts'

const prelude = `import { Controller, declaration, declareMethods, reply, Server } from 'tribind'
import { z } from 'zod'
const lend = declaration({ responses: { 201: z.object({ id: z.number() }), 409: z.string() } })
class Hidden { show() {} private own() { return this.own } }
class HiddenPost { get() {} private post() {} }
class Shown { show() {} get() {} }
class Plain { cookie() {} exit() {} server() {} }
class Kept extends Controller { show() {} protected kept() {} }
const server = new Server()
`

const remedy = 'pass the list of methods to bind as third argument'

/** Calls that TypeScript must refuse, with a text that tells the user what is wrong and what to do. */
const refused: Record<string, readonly string[]> = {
  "server.bindObject('/', new Hidden())": ['private', remedy],
  "server.bindController('/', Hidden)": ['private', remedy],
  "server.bindController('/', Kept)": ['protected', remedy],
  "server.group('/g').bindController('/', Kept)": ['protected', remedy],
  "server.domain('a.com').bindObject('/', new Kept())": ['protected', remedy],
  "server.bindObjectRest('/', new HiddenPost())": ['post'],
  "server.bindControllerRest('/', HiddenPost)": ['post'],
  "server.bindObject('/', Shown)": ['is a class', 'pass an instance', 'bindController'],
  "server.bindObject('/', Shown, 'show')": ['is a class', 'pass an instance', 'bindController'],
  "server.bindObjectMethod('/', Shown, 'show')": ['is a class', 'pass an instance', 'bindController'],
  "server.bindObjectRest('/', Shown)": ['is a class', 'pass an instance', 'bindController'],
  "server.bindController('/', Kept, 'show, nope')": ['nope', 'is not a public method'],
  "server.bindController('/', Hidden, 'own')": ['own', 'is not a public method'],
  "server.bindControllerMethod('/', Kept, ['show', 'kept'])": ['kept', 'is not a public method'],
  "server.bindObjectMethod('/', { show() {} }, 'Show')": ['Show', 'is not a public method'],
  "server.bindHookHandler('/', 'OnServe', () => {})": ['"OnServe"', 'BeforeServe'],
  "server.get('/:id', (request) => request.params.nope)": ["'nope'", 'id: string'],
  'lend.handler(async () => reply(202))': ['Reply<202, undefined>', "Type '202' is not assignable to type '201'"],
  "lend.handler(async () => reply(201, { id: 'x' }))": [
    "Types of property 'id' are incompatible",
    "Type 'string' is not assignable to type 'number'",
  ],
  "lend.handler(() => ({ id: 'x' }))": ["Type 'string' is not assignable to type 'number'"],
  'lend.handler(({ query }) => query)': ["'query' does not exist"],
  'declaration({ quary: z.object({}) })': ["'quary'", "'query'"],
  "declaration({ query: z.object({}), sumary: 'x' })": ['sumary', 'is not a part of a declaration'],
  'declareMethods(Shown, { shwo: lend })': ['shwo', 'is not a public method'],
  'declareMethods(Kept, { kept: lend })': ['kept', 'is not a public method'],
  'new Server({ prot: 8199 })': ["'prot'", 'ServerOptions'],
  "new Server({ https: { key: 'k', cert: 'c', minVersoin: 'TLSv1.3' } })": ["'minVersoin'", "'minVersion'"],
}

const accepted = [
  "server.bindObject('/', new Shown(), 'show')",
  "server.bindObjectRest('/', new Shown())",
  "server.bindObject('/', new Hidden(), 'show')",
  "server.bindController('/', Kept, ['show'])",
  // What Controller has is special only for those who extend it.
  "server.bindController('/', Plain, 'cookie, exit, server')",
]

describe('types: what TypeScript says', function () {
  this.timeout(60_000)

  const calls = [...Object.keys(refused), ...accepted]
  let output: string

  before(() => {
    output = compile(prelude + calls.join('\n'))
  })

  for (const [i, call] of calls.entries()) {
    it(`of ${call}`, () => {
      const text = errorAt(output, prelude.split('\n').length + i)
      for (const part of refused[call] ?? []) expect(text).to.include(part)
      expect(text === '', text).to.equal(accepted.includes(call))
    })
  }

  it('of nothing else', () => {
    expect(output.match(/^application\.ts/gm), output).to.have.length(Object.keys(refused).length)
  })
})

/** The error of one line, with the lines that explain it. */
function errorAt(output: string, line: number): string {
  const errors = output.split(/^(?=application\.ts)/m)
  return errors.filter((error) => error.startsWith(`application.ts(${line},`)).join('')
}
