import { expect } from 'chai'
import { ConfigError, headers, HttpError } from 'tribind'
import { closeAfterEach, openFront, openNode } from '../forward/forward-world.ts'
import { bothWays, callUntyped, thrownBy } from './both-ways.ts'

describe('headers', () => {
  closeAfterEach()

  bothWays(
    'sets fields of the request for what is inside, and of every response',
    (server) => {
      const outside: unknown[] = []
      server.use(async (request, next) => {
        await next()
        outside.push(request.header('x-in'), request.headers['x-gone'])
      })
      server.use(
        headers({
          request: { 'X-In': 'ours', 'x-GONE': '' },
          response: { 'X-Out': 'out', 'x-away': '', 'Cache-Control': 'no-store' },
        }),
      )
      server.get('/', (request) => {
        request.response.setHeader('X-Away', 'there')
        request.response.setHeader('X-Out', 'inner')
        return [
          request.header('X-In'),
          request.headers['x-in'],
          request.raw.headers['x-in'],
          request.header('x-gone') ?? null,
        ]
      })
      server.get('/fails', () => {
        throw new Error('secret')
      })
      server.get('/refuses', () => {
        throw new HttpError(403, undefined, { headers: { 'X-Away': 'there', 'X-Out': 'inner' } })
      })
      server.get('/leaves', (request) => {
        request.response.write('left')
        request.exitAll()
      })
      server.get('/streams', async function* ({ response }) {
        response.setHeader('X-Out', 'inner')
        yield 'one'
        yield 'two'
      })
      server.bindStatusHandler(404, (request) => request.response.setHeader('X-Out', 'handler'))
      return outside
    },
    async (send, outside) => {
      const answer = await send({ url: '/', headers: { 'x-in': 'theirs', 'x-gone': 'theirs' } })
      expect(answer.json()).to.deep.equal(['ours', 'ours', 'ours', null])
      expect(outside).to.deep.equal(['theirs', 'theirs'])
      for (const [url, status] of [
        ['/', 200],
        ['/fails', 500],
        ['/refuses', 403],
        ['/nowhere', 404],
        ['/leaves', 200],
        ['/streams', 200],
      ] as const) {
        const { status: got, header } = await send(url)
        expect([got, header('x-out'), header('x-away'), header('cache-control')], url).to.deep.equal([
          status,
          'out',
          undefined,
          'no-store',
        ])
      }
    },
  )

  it('reaches the node of forward, and its answer', async () => {
    const node = await openNode((_, response) =>
      response.writeHead(200, { server: 'secret/1.0', 'x-out': 'node' }).end('ok'),
    )
    const front = await openFront(node.url, {}, (server, handler) => {
      server.use(
        headers({
          request: { Cookie: '', 'X-Forwarded-For': '203.0.113.9', 'X-In': 'ours' },
          response: { Server: '', 'X-Out': 'out' },
        }),
      )
      server.bindHandler('/*', handler)
    })
    const text = await front.exchange('GET / HTTP/1.1\r\nCookie: a=b\r\nX-In: theirs\r\nX-In: more')
    const asked = node.asked[0]?.headers ?? {}
    expect([asked.cookie, asked['x-forwarded-for'], asked['x-in']]).to.deep.equal([undefined, '203.0.113.9', 'ours'])
    expect(text)
      .to.match(/^x-out: out$/im)
      .and.not.match(/^server:/im)
  })

  bothWays(
    'has the outer one decide, and keeps what a node of its own is told',
    (server) => {
      server.use(headers({ request: { 'X-A': 'outer', 'X-B': 'outer' }, response: { 'X-R': 'outer' } }))
      server.use(headers({ request: { 'X-A': 'inner' }, response: { 'X-R': 'inner', 'X-S': 'inner' } }))
      server.get('/', (request) => [request.header('x-a'), request.header('x-b')])
    },
    async (send) => {
      const answer = await send('/')
      expect(answer.json()).to.deep.equal(['inner', 'outer'])
      expect([answer.headerAll('x-r'), answer.headerAll('x-s')]).to.deep.equal([['outer'], ['inner']])
    },
  )

  it('names what it does not take', () => {
    const bad: [unknown, string][] = [
      [undefined, 'headers: expected an object'],
      [{ requests: {} }, '"requests"'],
      [{ request: 'X' }, 'option "request"'],
      [{ request: { 'a b': 'x' } }, 'option "request"'],
      [{ response: { 'X-A': 'a\r\nb' } }, 'option "response"'],
      [{ response: { 'X-A': 7 } }, 'option "response"'],
      ...['Connection', 'content-length', 'Transfer-Encoding', 'Keep-Alive', 'TE', 'Trailer', 'Upgrade'].flatMap(
        (name): [unknown, string][] => [
          [{ request: { [name]: 'x' } }, `can't set "${name}"`],
          [{ response: { [name]: '' } }, `can't set "${name}"`],
        ],
      ),
      [{ request: { Host: 'x' } }, `can't set "Host"`],
    ]
    for (const [options, part] of bad) {
      const error = thrownBy(() => callUntyped({ headers }, 'headers', options))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(part)
    }
  })
})
