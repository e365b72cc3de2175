import { expect } from 'chai'
import { type Ask, bothWays } from './both-ways.ts'

const post = (body: string, headers: Record<string, string> = {}): Ask => ({
  method: 'POST',
  url: '/',
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

describe('a body that is asked for in several ways at once', () => {
  bothWays(
    'is read once, and its failures end nothing where they are not awaited',
    (server) => {
      server.get('/alive', () => 'alive')
      server.post('/', async (request) => {
        if (request.header('x-wait') === 'no') {
          for (const ask of ['json', 'text', 'bytes', 'json'] as const) void request[ask]()
          return 'went on'
        }
        const [value, text, bytes, again] = await Promise.all([
          request.json(),
          request.text(),
          request.bytes(),
          request.json(),
        ])
        return { value, text, bytes: bytes.length, isSame: value === again }
      })
    },
    async (send) => {
      const good = await send(post('{"a":"ä"}'))
      expect(good.json()).to.deep.equal({ value: { a: 'ä' }, text: '{"a":"ä"}', bytes: 10, isSame: true })
      const bad = post('{', { 'x-wait': 'no' })
      expect((await send(bad)).text).to.equal('went on')
      // An unhandled rejection would fail the run by now.
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect((await send('/alive')).text).to.equal('alive')
    },
  )
})
