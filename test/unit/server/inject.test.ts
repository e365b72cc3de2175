import { expect } from 'chai'
import { type InjectOptions, Server } from 'tribind'
import { rawExchange } from '../../feature/both-ways.ts'

/** What the parser of `node:http` refuses before any of tribind sees it; over a socket the client gets an answer. */
const refused: Record<string, InjectOptions> = {
  'fields that are too long': { headers: { 'x-long': 'a'.repeat(20_000) } },
  'a length that is no number': { method: 'POST', headers: { 'content-length': 'abc' } },
  'a target that is none': { url: 'nonsense' },
}

describe('server/inject', () => {
  for (const [what, options] of Object.entries(refused)) {
    it(`answers ${what} as over a socket`, async () => {
      const server = new Server({ port: 0 })
      await server.start()
      try {
        const injected = await server.inject(options)
        expect(String(injected.status)).to.equal(await statusOverSocket(server.port, options))
      } finally {
        await server.stop()
      }
    })
  }

  it('sends an object or an array as JSON, and says so unless a content type is given', async () => {
    const server = new Server()
    server.post('/', async (request) => [request.header('content-type'), await request.text()])
    for (const body of [{ a: 'ü' }, [1]]) {
      const answer = await server.inject({ method: 'POST', body })
      expect(answer.json()).to.deep.equal(['application/json', JSON.stringify(body)])
    }
    const headers = { 'Content-Type': 'application/problem+json' }
    expect((await server.inject({ method: 'POST', headers, body: {} })).json()).to.deep.equal([
      headers['Content-Type'],
      '{}',
    ])
  })

  it('takes a path in any script, as a browser does', async () => {
    const server = new Server()
    for (const word of ['größe', 'école', '日本', '😀']) {
      server.get(`/${word}`, () => word)
      expect((await server.inject({ url: `/${word}` })).text(), word).to.equal(word)
    }
  })
})

async function statusOverSocket(port: number, { method = 'GET', url = '/', headers }: InjectOptions): Promise<string> {
  const fields = Object.entries({ host: 'localhost', connection: 'close', ...headers })
  const head = [`${method} ${url} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${String(value)}`), '', '']
  const answer = await rawExchange(port, head.join('\r\n'))
  return answer.split(' ')[1] ?? ''
}
