import { expect } from 'chai'
import { compress, cors, fromConnect } from 'tribind'
import { bothWays } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

const origin = 'https://a.example'
const headers = { origin, 'accept-encoding': 'gzip' }

/** The members of a list, whatever their order and lines. */
function membersOf(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => line.split(','))
    .map((name) => name.trim())
    .toSorted()
}

describe('fields that are lists are joined', () => {
  bothWays(
    'Vary and Access-Control-Expose-Headers of cors stay beside those of what is inside',
    (server) => {
      server.use(cors({ origin: [origin], exposedHeaders: 'X-Total' }))
      const own = { Vary: 'Accept', 'Access-Control-Expose-Headers': 'X-Own' }
      server.get('/set', ({ response }) => {
        for (const [name, value] of Object.entries(own)) response.setHeader(name, value)
        return 'text'
      })
      server.get('/web', () => new Response('text', { headers: own }))
      const guests: Readonly<Record<string, Parameters<typeof fromConnect>[0]>> = {
        passes: (_req, res, next) => {
          for (const [name, value] of Object.entries(own)) res.setHeader(name, value)
          next()
        },
        ends: (_req, res) => {
          for (const [name, value] of Object.entries(own)) res.setHeader(name, value)
          res.end('text')
        },
        heads: (_req, res) => void res.writeHead(200, own).end('text'),
      }
      for (const [name, guest] of Object.entries(guests)) {
        server.bindMiddleware(`/${name}`, fromConnect(guest))
        server.get(`/${name}`, () => 'text')
      }
      server.get('/fails', ({ response }) => {
        response.setHeader('Vary', 'Accept')
        response.setHeader('Access-Control-Expose-Headers', 'X-Own')
        throw new Error('x')
      })
    },
    async (send) => {
      for (const url of ['/set', '/web', '/passes', '/ends', '/heads', '/fails']) {
        const { headerAll } = await send({ url, headers })
        expect(membersOf(headerAll('vary')), url).to.deep.equal(['Accept', 'Origin'])
        expect(membersOf(headerAll('access-control-expose-headers')), url).to.deep.equal(['X-Own', 'X-Total'])
      }
    },
  )

  bothWays(
    'no name is there twice, * stands for all, and what is removed stays away',
    (server) => {
      server.use(cors({ origin: [origin] }))
      server.get('/same', ({ response }) => response.setHeader('vary', 'origin, Accept'))
      server.get('/all', ({ response }) => response.setHeader('Vary', '*'))
      server.get('/none', ({ response }) => response.removeHeader('Vary'))
    },
    async (send) => {
      const varyOf = async (url: string) => (await send({ url, headers })).header('vary')
      expect(await varyOf('/same')).to.equal('origin, Accept')
      expect(await varyOf('/all')).to.equal('*')
      expect(await varyOf('/none')).to.equal(undefined)
    },
  )

  bothWays(
    'Link and Server-Timing of a web Response and of response.raw are beside those set before',
    (server) => {
      server.use(({ response }, next) => {
        response.setHeader('Link', '</a.css>; rel="preload"')
        response.setHeader('Server-Timing', 'outer;dur=1')
        return next()
      })
      const own = { Link: '</b.css>; rel="preload, x"', 'Server-Timing': 'inner;dur=1' }
      server.get('/web', () => new Response('text', { headers: own }))
      server.get('/raw', ({ response }) => {
        for (const [name, value] of Object.entries(own)) response.raw.setHeader(name, value)
        return 'text'
      })
    },
    async (send) => {
      for (const url of ['/web', '/raw']) {
        const { headerAll } = await send(url)
        const link = headerAll('link').join(', ')
        expect(link, url).to.contain('</a.css>; rel="preload"').and.contain('</b.css>; rel="preload, x"')
        expect(membersOf(headerAll('server-timing')), url).to.deep.equal(['inner;dur=1', 'outer;dur=1'])
      }
    },
  )

  describe('a part of a file behind compress', () => {
    const root = temporaryFolder({ 'long.txt': 'text '.repeat(1000), 'short.txt': 'text', 'a.png': 'x'.repeat(2000) })

    bothWays(
      'has the Vary that the whole has',
      (server) => {
        server.use(compress())
        server.get('/{name}', ({ params, response }) => response.serveFile(params['name'] as string, { root }))
      },
      async (send) => {
        for (const [url, vary] of Object.entries({
          '/long.txt': 'Accept-Encoding',
          '/short.txt': undefined,
          '/a.png': undefined,
        })) {
          const whole = await send({ url, headers })
          const part = await send({ url, headers: { ...headers, range: 'bytes=0-1' } })
          expect([whole.status, part.status]).to.deep.equal([200, 206])
          expect([whole.header('vary'), part.header('vary')], url).to.deep.equal([vary, vary])
          expect([part.header('content-encoding'), part.body.length]).to.deep.equal([undefined, 2])
        }
      },
    )
  })
})
