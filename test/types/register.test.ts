import { expect } from 'chai'
import { compile } from './compile.ts'

// A declaration in `Register` is one for the whole program, so each case is a program of its own.

const calls = `
class Books { count = 1 }
const server = new Server({ session: { secret: 'a' } })
`

describe('what Register declares', () => {
  it('types the context, the services and the session', () => {
    const program = `import { Server } from 'tribind'
interface User { name: string }
declare module 'tribind' {
  interface Register { context: { user?: User; 7: string }; services: { books: Books }; session: { userId: number } }
}
${calls}
server.registerService('books', new Books()).registerService('other', 5)
const count: number = server.service('books').count
const found: Books | undefined = server.lookupService('books')
server.get('/', ({ context, session, server: application }) => {
  const name: string | undefined = context.get('user')?.name
  const seven: string | undefined = context.get(7)
  const id: number | undefined = session.get('userId')
  const books: Books = application.service('books')
  context.set('user', { name: 'ann' }).set('user', undefined).set('free', 5).set(Symbol('x'), 5)
  session.set('userId', 5)
  session.set('userId', undefined)
  session.set('free', [])
  const free: string | undefined = context.get<string>('free') ?? session.get<string>('free')
  const other: Date = application.service<Date>('other')
  // @ts-expect-error of another type
  context.set('user', 'ann')
  // @ts-expect-error of another type
  session.set('userId', 'ann')
  // @ts-expect-error of another type
  const text: string | undefined = session.get('userId')
  // @ts-expect-error of another type
  const wrong: Date = application.service('books')
  // @ts-expect-error its type is not known
  const unknown: string = session.get('free')
})
// @ts-expect-error of another type
server.registerService('books', 5)
`
    expect(compile(program)).to.equal('')
  }).timeout(60_000)

  it('is needed by none', () => {
    const program = `import { Server } from 'tribind'
${calls}
server.registerService('books', new Books())
const books: Books = server.service<Books>('books')
const name: string = 'books'
const unknown: unknown = server.service(name)
server.get('/', ({ context, session }) => {
  context.set('user', 5).set(7, 'x')
  session.set('userId', 'any')
  const user: number | undefined = context.get<number>('user')
  const id: string | undefined = session.get<string>('userId')
  // @ts-expect-error its type is not known
  const text: string = context.get('user')
})
`
    expect(compile(program)).to.equal('')
  }).timeout(60_000)
})
