import { gunzipSync, brotliDecompressSync } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import compression from 'compression'
import cors from 'cors'
import helmet from 'helmet'
import morgan from 'morgan'
import passport from 'passport'
import { BasicStrategy } from 'passport-http'
import { fromConnect, type Request, type Server } from 'tribind'
import { bothWays, openRaw, overHttp1, until } from './both-ways.ts'
import { askKeepingAlive } from './keep-alive.ts'
import { dechunk, readSlowly } from './slow-client.ts'

const long = 'a long text that repeats itself '.repeat(1000)
const gzip = { 'accept-encoding': 'gzip' }

/** Every package at once, in the usual order, as in many an Express application. */
function useAll(server: Server): string[] {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line.trim()) }
  server.use(
    fromConnect(morgan(':method :url :status :res[content-length] :res[content-encoding]', { stream })),
    fromConnect(helmet()),
    fromConnect(cors({ origin: 'https://a.example', credentials: true })),
    fromConnect(compression()),
  )
  return lines
}

async function* manyChunks(count = 300) {
  for (let i = 0; i < count; i++) {
    yield `${i} ${long}`
    if (i % 50 === 0) await sleep(1)
  }
}

const allChunks = (count = 300) => Array.from({ length: count }, (_, i) => `${i} ${long}`).join('')

describe('packages for Express: helmet, cors, compression and morgan together', () => {
  bothWays(
    'a buffered answer goes out compressed, its length not lying, with the fields of all',
    (server) => {
      const lines = useAll(server)
      server.get('/', (request) => {
        request.cookie.set('a', '1')
        request.cookie.set('b', '2')
        return long
      })
      return lines
    },
    async (send, lines) => {
      const { header, headerAll, body } = await send({ url: '/', headers: { ...gzip, origin: 'https://a.example' } })
      expect(gunzipSync(body).toString()).to.equal(long)
      expect(header('content-encoding')).to.equal('gzip')
      expect(header('content-length')).to.equal(undefined)
      expect(header('vary')).to.equal('Origin, Accept-Encoding')
      expect(header('content-type')).to.equal('text/plain; charset=utf-8')
      expect(header('access-control-allow-origin')).to.equal('https://a.example')
      expect(header('x-content-type-options')).to.equal('nosniff')
      expect(headerAll('set-cookie')).to.have.length(2)
      const plain = await send('/')
      expect([plain.text, plain.header('content-length')]).to.deep.equal([long, String(long.length)])
      await until(() => lines.length === 2, 'both are logged')
      expect(lines).to.deep.equal(['GET / 200 - gzip', `GET / 200 ${long.length} -`])
    },
  )

  bothWays(
    'errors, answers without a body, HEAD and short answers come out right',
    (server) => {
      const lines = useAll(server)
      server.get('/fails', () => {
        throw new Error('secret')
      })
      server.get('/empty', (request) => void (request.response.status = 204))
      server.get('/short', () => 'short')
      server.get('/long', () => long)
      return lines
    },
    async (send, lines) => {
      const statuses: unknown[] = []
      for (const url of ['/fails', '/empty', '/short', '/none', 'HEAD /long']) {
        const [method, path] = url.startsWith('HEAD') ? ['HEAD', '/long'] : ['GET', url]
        const { status, text, header } = await send({ method, url: path, headers: gzip })
        statuses.push([status, text, header('x-frame-options')])
      }
      expect(statuses).to.deep.equal([
        [500, 'Internal Server Error', 'SAMEORIGIN'],
        [204, '', 'SAMEORIGIN'],
        [200, 'short', 'SAMEORIGIN'],
        [404, 'Not Found', 'SAMEORIGIN'],
        [200, '', 'SAMEORIGIN'],
      ])
      await until(() => lines.length === 5, 'all are logged')
    },
  )

  bothWays(
    'a preflight ends in cors',
    (server) => {
      const ran: string[] = []
      useAll(server)
      server.use(() => void ran.push('inner'))
      server.all('/*', () => 'never')
      return ran
    },
    async (send, ran) => {
      const { status, header, body } = await send({
        method: 'OPTIONS',
        url: '/any',
        headers: { origin: 'https://a.example', 'access-control-request-method': 'PUT' },
      })
      expect([status, body.length, ran]).to.deep.equal([204, 0, []])
      expect(header('access-control-allow-methods')).to.include('PUT')
      expect(header('x-frame-options')).to.equal('SAMEORIGIN')
    },
  )

  overHttp1(
    'the connection is kept from answer to answer, buffered and streamed',
    (server) => {
      useAll(server)
      server.get('/long', () => long)
      server.get('/stream', () => manyChunks(3))
      server.get('/short', () => 'short')
    },
    async (_send, _world, { port }) => {
      const urls = ['/long', '/stream', '/short', '/stream', '/none', '/long']
      const answers = await askKeepingAlive(
        port,
        urls.map((url) => ({ url, headers: gzip })),
      )
      const texts = answers.map(({ headers, body }) =>
        (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString(),
      )
      expect(texts).to.deep.equal([long, allChunks(3), 'short', allChunks(3), 'Not Found', long])
      expect(answers.slice(1).every(({ isSameConnection }) => isSameConnection)).to.equal(true)
    },
  )

  overHttp1(
    'a stream of many chunks passes the wrappers, to a slow client too, without a warning',
    (server) => {
      useAll(server)
      const warnings: Error[] = []
      const listen = (warning: Error) => void warnings.push(warning)
      process.on('warning', listen)
      server.get('/stream', () => Readable.from(manyChunks()))
      return { warnings, stopListening: () => process.off('warning', listen) }
    },
    async (_send, { warnings, stopListening }, { port }) => {
      for (const accepted of ['gzip', 'br', 'identity']) {
        const body = dechunk(
          await readSlowly(port, `GET /stream HTTP/1.1\nHost: a\nAccept-Encoding: ${accepted}\nConnection: close`),
        )
        const decoded = accepted === 'gzip' ? gunzipSync(body) : accepted === 'br' ? brotliDecompressSync(body) : body
        expect(decoded.toString() === allChunks(), accepted).to.equal(true)
      }
      stopListening()
      expect(warnings).to.deep.equal([])
    },
  )

  overHttp1(
    'a client that leaves halfway ends the stream',
    (server) => {
      useAll(server)
      const sources: Readable[] = []
      server.get('/stream', () => {
        const source = Readable.from(manyChunks(100_000))
        sources.push(source)
        return source
      })
      return sources
    },
    async (_send, sources, { port, log }) => {
      const { socket, received } = await openRaw(
        port,
        'GET /stream HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n',
      )
      await until(() => received().length > 1000, 'something has come')
      socket.destroy()
      await until(() => sources[0]?.destroyed === true, 'the source is destroyed')
      expect(log).to.deep.equal([])
    },
  )
})

describe('packages for Express: passport', () => {
  bothWays(
    'lets in who has the password, and answers the others itself',
    (server) => {
      const authenticator = new passport.Passport()
      authenticator.use(
        new BasicStrategy((user, password, done) => {
          if (user === 'broken') return done(new Error('secret'))
          setImmediate(() => done(null, password === 'right' ? { name: user } : false))
        }),
      )
      const ran: string[] = []
      server.use(fromConnect(authenticator.initialize()))
      server.bindMiddleware('/private/*', fromConnect(authenticator.authenticate('basic', { session: false })))
      server.get('/private/name', (request: Request) => {
        ran.push('service')
        return (request.raw as unknown as { user: { name: string } }).user.name
      })
      return ran
    },
    async (send, ran) => {
      const as = (user: string, password: string) => ({
        url: '/private/name',
        headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
      })
      const denied = await send('/private/name')
      expect([denied.status, denied.text, denied.header('www-authenticate')]).to.deep.equal([
        401,
        'Unauthorized',
        'Basic realm="Users"',
      ])
      expect((await send(as('ann', 'wrong'))).status).to.equal(401)
      expect((await send(as('broken', 'x'))).text).to.equal('Internal Server Error')
      expect(ran).to.deep.equal([])
      const allowed = await send(as('ann', 'right'))
      expect([allowed.status, allowed.text]).to.deep.equal([200, 'ann'])
    },
  )
})
