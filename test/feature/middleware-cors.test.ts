import { expect } from 'chai'
import { ConfigError, cors, type CorsOptions, type Server } from 'tribind'
import { bothWays, callUntyped, type Send, thrownBy } from './both-ways.ts'

const here = 'https://a.example'
const from = (origin: string | undefined, url = '/') => ({ url, headers: origin === undefined ? {} : { origin } })
const preflight = (origin: string, headers: Record<string, string> = {}) => ({
  method: 'OPTIONS',
  url: '/',
  headers: { origin, 'access-control-request-method': 'PUT', ...headers },
})

const serving = (options?: CorsOptions) => (server: Server) => {
  server.use(options === undefined ? cors() : cors(options))
  server.get('/', () => 'text')
}

async function allowed(send: Send, origin: string | undefined) {
  const { header, text } = await send(from(origin))
  expect(text).to.equal('text')
  return [header('access-control-allow-origin'), header('vary'), header('access-control-allow-credentials')]
}

describe('cors: which origins', () => {
  bothWays('all, without options', serving(), async (send) => {
    expect(await allowed(send, here)).to.deep.equal(['*', undefined, undefined])
    expect(await allowed(send, undefined)).to.deep.equal(['*', undefined, undefined])
  })

  const some: [string, CorsOptions['origin']][] = [
    ['a text', here],
    ['an array', ['http://localhost:5173', here]],
    ['a regular expression with a memory', /^https:\/\/a\.example$/gy],
    ['an array with one', ['http://other.example', /^https:\/\/[a-b]\.example$/]],
    ['a function', (origin) => origin === here],
    ['an async function that names it', async (origin) => (origin === here ? here : undefined)],
  ]
  for (const [name, origin] of some) {
    bothWays(`${name}, with credentials`, serving({ origin: origin ?? '*', credentials: true }), async (send) => {
      for (let i = 0; i < 2; i++) {
        expect(await allowed(send, here)).to.deep.equal([here, 'Origin', 'true'])
        for (const other of ['https://a.example.evil', 'https://xa.example', 'http://a.example', 'null', undefined])
          expect(await allowed(send, other), String(other)).to.deep.equal([undefined, 'Origin', undefined])
      }
    })
  }

  bothWays('every one by its name, for true', serving({ origin: true, credentials: true }), async (send) => {
    expect(await allowed(send, 'https://any.example')).to.deep.equal(['https://any.example', 'Origin', 'true'])
    expect(await allowed(send, undefined)).to.deep.equal([undefined, 'Origin', undefined])
  })

  bothWays(
    'a function that says * has no credentials',
    serving({ origin: () => '*', credentials: true }),
    async (send) => {
      expect(await allowed(send, here)).to.deep.equal(['*', 'Origin', undefined])
    },
  )

  bothWays('none, for false: then nothing is done', serving({ origin: false }), async (send) => {
    expect(await allowed(send, here)).to.deep.equal([undefined, undefined, undefined])
    expect((await send(preflight(here))).status).to.equal(404)
  })

  it('never credentials with *, and no option that is out of range', () => {
    const bad: [unknown, string][] = [
      [{ credentials: true }, 'origin'],
      [{ credentials: true, origin: '*' }, 'origin'],
      [{ credentials: true, origin: here, allowedHeaders: '*' }, 'allowedHeaders'],
      [{ credentials: true, origin: here, exposedHeaders: ['*'] }, 'exposedHeaders'],
      [{ origin: 'https://a.example/' }, 'origin'],
      [{ origin: 'a.example' }, 'origin'],
      [{ origin: [here, '*'] }, 'origin'],
      [{ origin: 7 }, 'origin'],
      [{ methods: 'GET\r\nX: y' }, 'methods'],
      [{ exposedHeaders: ['a b'] }, 'exposedHeaders'],
      [{ credentials: 'yes' }, 'credentials'],
      [{ maxAge: '10' }, 'maxAge'],
      [{ origins: here }, 'origins'],
    ]
    for (const [options, name] of bad) {
      const error = thrownBy(() => callUntyped({ cors }, 'cors', options))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(`"${name}"`)
    }
  })
})

describe('cors: preflights and answers', () => {
  bothWays(
    'a preflight is answered 204, routed or not, and nothing inside runs; hooks do',
    (server) => {
      const ran: string[] = []
      server.use(cors({ origin: here, maxAge: 600 }))
      server.use(async (_request, next) => {
        ran.push('inner')
        await next()
      })
      server.bindHookHandler('/*', 'AfterServe', () => ran.push('AfterServe'))
      server.put('/', () => ran.push('service'))
      server.all('/all', () => ran.push('service'))
      return ran
    },
    async (send, ran) => {
      for (const url of ['/', '/all', '/nowhere']) {
        const { status, header, body } = await send({
          ...preflight(here, { 'access-control-request-headers': 'x-a, x-b' }),
          url,
        })
        expect([status, body.length]).to.deep.equal([204, 0])
        expect(header('access-control-allow-origin')).to.equal(here)
        expect(header('access-control-allow-methods')).to.equal('GET, HEAD, PUT, PATCH, POST, DELETE')
        expect(header('access-control-allow-headers')).to.equal('x-a, x-b')
        expect(header('access-control-max-age')).to.equal('600')
        expect(header('vary')).to.equal('Origin, Access-Control-Request-Headers')
        expect(header('content-length')).to.equal(undefined)
      }
      expect(ran).to.deep.equal(['AfterServe', 'AfterServe', 'AfterServe'])
      const other = await send(preflight('https://other.example'))
      expect([
        other.status,
        other.header('access-control-allow-origin'),
        other.header('access-control-allow-methods'),
      ]).to.deep.equal([204, undefined, undefined])
    },
  )

  bothWays(
    'lists as texts and arrays, exposed fields on answers only',
    serving({ methods: 'GET,PUT', allowedHeaders: ['X-A', 'X-B'], exposedHeaders: 'X-C, X-D', maxAge: 0 }),
    async (send) => {
      const { header } = await send(preflight(here, { 'access-control-request-headers': 'x-other' }))
      expect(header('access-control-allow-methods')).to.equal('GET, PUT')
      expect(header('access-control-allow-headers')).to.equal('X-A, X-B')
      expect(header('access-control-max-age')).to.equal('0')
      expect(header('access-control-expose-headers')).to.equal(undefined)
      expect(header('vary')).to.equal(undefined)
      expect((await send(from(here))).header('access-control-expose-headers')).to.equal('X-C, X-D')
    },
  )

  bothWays(
    'errors have the fields too, and OPTIONS that is no preflight goes on',
    (server) => {
      server.use(cors({ origin: here }))
      server.get('/fails', () => {
        throw new Error('secret')
      })
      server.get('/vary', (request) => {
        request.response.addHeader('Vary', 'Accept')
        return 'text'
      })
      server.bindHandler('OPTIONS:/options', () => 'options')
    },
    async (send) => {
      for (const [url, status] of [
        ['/fails', 500],
        ['/nowhere', 404],
        ['/%zz', 400],
      ] as const) {
        const answer = await send(from(here, url))
        expect(answer.status).to.equal(status)
        // A path that can't be read meets no middleware.
        expect(answer.header('access-control-allow-origin')).to.equal(status === 400 ? undefined : here)
      }
      const options = await send({ method: 'OPTIONS', ...from(here, '/options') })
      expect([options.text, options.header('access-control-allow-origin')]).to.deep.equal(['options', here])
      expect((await send({ method: 'OPTIONS', ...from(here, '/nowhere') })).status).to.equal(404)
      expect((await send(from(here, '/vary'))).header('vary')).to.equal('Origin, Accept')
    },
  )

  bothWays(
    'a function that fails is an error',
    serving({
      origin: async () => {
        throw new Error('secret')
      },
    }),
    async (send) => {
      expect((await send(from(here))).text).to.equal('Internal Server Error')
    },
  )
})
