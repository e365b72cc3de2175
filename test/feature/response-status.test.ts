import { expect } from 'chai'
import { HttpError, type Request, type Server } from 'tribind'
import { bothWays, overHttp1, until } from './both-ways.ts'
import { createSite } from './static-site.ts'
import { connect } from './websocket-client.ts'

type Seen = [where: string, status: number][]

/** Notes the status wherever somebody may look. */
function noteStatus(server: Server): Seen {
  const seen: Seen = []
  const look = (where: string) => (request: Request) => void seen.push([where, request.response.status])
  server.bindHookHandler('/*', 'BeforeServe', look('BeforeServe'))
  server.use(async (request, next) => {
    look('before next')(request)
    await next()
    look('after next')(request)
  })
  for (const event of ['AfterServe', 'BeforePatch', 'AfterOutput'] as const)
    server.bindHookHandler('/*', event, look(event))
  return seen
}

/** What is to be seen of a response that goes out with a status which is settled when the service has run. */
const untilServed: Seen = [
  ['BeforeServe', 0],
  ['before next', 0],
]
const after = (status: number): Seen => [
  ['after next', status],
  ['AfterServe', status],
  ['BeforePatch', status],
  ['AfterOutput', status],
]

describe('response.status', () => {
  let folder = ''

  before(() => {
    folder = createSite()
  })

  bothWays(
    'is 0 before the service has run and while it runs, and afterwards what would go out',
    (server) => {
      const seen = noteStatus(server)
      const inside: number[] = []
      const note = ({ response }: Request) => inside.push(response.status)
      server.get('/text', (request) => void note(request))
      server.get('/late', async (request) => {
        await Promise.resolve()
        note(request)
        return 'late'
      })
      server.get('/exit', (request) => request.exit())
      server.get('/set', ({ response }) => response.writeStatus(201))
      server.get('/redirect', ({ response }) => response.redirectTo('/text', 307))
      server.get('/unset', ({ response }) => {
        response.status = 201
        response.status = 0
      })
      server.serveStatic('/site', `${folder}/site`)
      return { seen, inside }
    },
    async (send, { seen, inside }) => {
      for (const [url, status] of [
        ['/text', 200],
        ['/late', 200],
        ['/exit', 200],
        ['/set', 201],
        ['/redirect', 307],
        ['/unset', 200],
        ['/nothing', 404],
        ['POST /text', 405],
        ['HEAD /text', 200],
        ['HEAD /nothing', 404],
        ['/site/app.js', 200],
        ['/site/none.js', 404],
        ['/site/docs', 301],
      ] as const) {
        const answer = await send(url)
        await until(() => seen.length === 6, `all have seen the status of ${url}`)
        expect([answer.status, seen.splice(0)], url).to.deep.equal([status, [...untilServed, ...after(status)]])
      }
      expect(inside).to.deep.equal([0, 0, 0])
    },
    { methodNotAllowed: true },
  )

  bothWays(
    'is that of a file: 304 for one that the client has, 206 for a part',
    (server) => {
      const seen = noteStatus(server)
      server.serveStatic('/', `${folder}/site`)
      return seen
    },
    async (send, seen) => {
      const etag = (await send('/app.js')).header('etag') as string
      await until(() => seen.length === 6, 'the first request is over')
      for (const [headers, status] of [
        [{ 'if-none-match': etag }, 304],
        [{ range: 'bytes=0-1' }, 206],
      ] as const) {
        seen.length = 0
        expect((await send({ url: '/app.js', headers })).status).to.equal(status)
        await until(() => seen.length === 6, `all have seen ${status}`)
        expect(seen).to.deep.equal([...untilServed, ...after(status)])
      }
    },
  )

  bothWays(
    'can be set where it has been seen, and is then that',
    (server) => {
      server.bindMiddleware('/mended', async ({ response }, next) => {
        await next()
        if (response.status === 404) response.writeStatus(410, 'Gone for good')
      })
      server.bindHookHandler('/hooked', 'AfterServe', ({ response }) => {
        if (response.status === 404) response.status = 451
      })
      server.bindHookHandler('/served', 'AfterServe', ({ response }) => {
        if (response.status === 200) response.status = 203
      })
      server.get('/served', () => 'served')
    },
    async (send) => {
      const mended = await send('/mended')
      expect([mended.status, mended.text]).to.deep.equal([410, 'Gone for good'])
      expect((await send('/hooked')).status).to.equal(451)
      const served = await send('/served')
      expect([served.status, served.text]).to.deep.equal([203, 'served'])
    },
  )

  bothWays(
    'is 200 once a middleware has written what no route did',
    (server) => {
      const seen: number[] = []
      server.use(async ({ response }, next) => {
        await next()
        seen.push(response.status)
        response.write('written')
        seen.push(response.status)
      })
      return seen
    },
    async (send, seen) => {
      const { status, text } = await send('/nothing')
      expect([status, text, seen]).to.deep.equal([200, 'written', [404, 200]])
    },
  )

  bothWays(
    'tells a middleware what those further in have decided',
    (server) => {
      const seen: number[] = []
      server.use(async ({ response }, next) => {
        await next()
        seen.push(response.status)
      })
      server.bindMiddleware('/answers', () => 'answered')
      server.bindMiddleware('/sets', ({ response }) => void (response.status = 403))
      server.bindMiddleware('/fails', async ({ response }, next) => {
        try {
          await next()
        } catch {
          response.writeStatus(502)
        }
      })
      server.get('/fails', () => {
        throw new HttpError(418, 'teapot')
      })
      server.all('/*', () => 'served')
      return seen
    },
    async (send, seen) => {
      for (const [url, status] of [
        ['/answers', 200],
        ['/sets', 403],
        ['/fails', 502],
        ['/other', 200],
      ] as const)
        expect([url, (await send(url)).status, seen.pop()]).to.deep.equal([url, status, status])
    },
  )

  overHttp1(
    'is 101 after the handshake of a WebSocket, 426 for a plain request of one',
    (server) => {
      const seen: number[] = []
      server.use(async ({ response }, next) => {
        await next()
        seen.push(response.status)
      })
      server.bindWebSocket('/socket', () => {})
      return seen
    },
    async (send, seen, { port }) => {
      const { socket, closed } = await connect(port, '/socket')
      socket.close()
      await closed
      expect((await send('/socket')).status).to.equal(426)
      expect(seen).to.deep.equal([101, 426])
    },
  )
})
