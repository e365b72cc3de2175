import { once } from 'node:events'
import { request as ask } from 'node:http'
import { expect } from 'chai'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { ConfigError, inFlight, rateLimit } from 'tribind'
import { closeAfterEach, fieldOf, openFront, openNode, statusOf } from '../forward/forward-world.ts'
import {
  type Answer,
  bothWays,
  callUntyped,
  type Entry,
  gate,
  openRaw,
  overHttp1,
  overSocket,
  thrownBy,
  until,
} from './both-ways.ts'

/** The error that the log tells of first. */
function errorIn([entry]: readonly Entry[]): string {
  return String(Reflect.get(Object(entry?.fields) as object, 'error'))
}

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status)

describe('rateLimit', () => {
  closeAfterEach()

  bothWays(
    'answers 429 to what is too much, and tells in every answer how much is left',
    (server) => {
      server.use(rateLimit({ average: 2, period: '1h', burst: 3 }))
      server.get('/', () => 'in')
      server.get('/fails', () => {
        throw new Error('secret')
      })
    },
    async (send) => {
      // To the minute: on a busy machine a request may take a second.
      const rounded = (text = '') => text.replace(/\d+$/, (seconds) => String(Math.ceil(Number(seconds) / 60) * 60))
      const fields = ({ status, header }: Answer) => [status, rounded(header('ratelimit')), header('ratelimit-policy')]
      const policy = '"2-in-3600s";q=3;w=5400'
      expect(fields(await send('/'))).to.deep.equal([200, '"2-in-3600s";r=2;t=1800', policy])
      expect(fields(await send('/fails'))).to.deep.equal([500, '"2-in-3600s";r=1;t=3600', policy])
      expect(fields(await send('/nowhere'))).to.deep.equal([404, '"2-in-3600s";r=0;t=5400', policy])
      const refused = await send('/')
      expect(fields(refused)).to.deep.equal([429, '"2-in-3600s";r=0;t=5400', policy])
      expect(rounded(refused.header('retry-after'))).to.equal('1800')
      expect(refused.text).to.equal('Too Many Requests')
    },
  )

  bothWays(
    'lets requests in again as time goes by',
    (server) => {
      server.use(rateLimit({ average: 1, period: '500ms' }))
      server.get('/', () => 'in')
    },
    async (send) => {
      const answers = await Promise.all([send('/'), send('/')])
      expect(statuses(answers)).to.have.members([200, 429])
      for (;;) if ((await send('/')).status === 200) break
    },
  )

  overSocket(
    'tells clients apart by their network',
    (server) => {
      server.use(rateLimit({ average: 1, period: '1h' }))
      server.get('/', () => 'in')
    },
    async (send) => {
      const from = async (ip: string) => (await send({ url: '/', headers: { 'x-forwarded-for': ip } })).status
      expect([await from('203.0.113.1'), await from('203.0.113.1'), await from('203.0.113.2')]).to.deep.equal([
        200, 429, 200,
      ])
      expect([await from('2001:db8:0:1::1'), await from('2001:db8:0:1:ffff::2')]).to.deep.equal([200, 429])
      expect([await from('2001:db8:0:2::1'), await from('::ffff:203.0.113.2')]).to.deep.equal([200, 429])
    },
    { trustProxy: true },
  )

  bothWays(
    'tells clients apart by a field, the path, the host, a session or a function',
    (server) => {
      const once = { average: 1, period: '1h' } as const
      server.bindMiddleware('/field', rateLimit({ ...once, key: 'header:X-Key' }))
      server.bindMiddleware('/path/*', rateLimit({ ...once, key: 'path' }))
      server.bindMiddleware('/host', rateLimit({ ...once, key: 'host' }))
      server.bindMiddleware('/function', rateLimit({ ...once, key: (request) => request.getQuery('of', '') }))
      server.bindMiddleware('/session', rateLimit({ ...once, key: 'session' }))
      server.get('/login', ({ session }) => session.set('user', 1))
      server.get('/*', () => 'in')
    },
    async (send, _world, { isSecure }) => {
      const field = async (key?: string) =>
        (await send({ url: '/field', headers: key === undefined ? {} : { 'x-key': key } })).status
      const long = 'k'.repeat(3000)
      expect([
        await field('a'),
        await field('b'),
        await field('a'),
        await field(long),
        await field(long),
      ]).to.deep.equal([200, 200, 429, 200, 429])
      expect([await field(`${long}2`), await field(), await field(), await field('')]).to.deep.equal([
        200, 200, 429, 429,
      ])
      const status = async (url: string, host = 'a.test') => (await send({ url, host })).status
      expect([await status('/path/a'), await status('/path/b'), await status('/path/%61')]).to.deep.equal([
        200, 200, 429,
      ])
      expect([await status('/host'), await status('/host', 'b.test'), await status('/host', 'B.test')]).to.deep.equal([
        200, 200, 429,
      ])
      expect([
        await status('/function?of=1'),
        await status('/function?of=2'),
        await status('/function?of=1'),
      ]).to.deep.equal([200, 200, 429])
      const login = async () => {
        const { header } = await send('/login')
        return /^[^;]+/.exec(header('set-cookie') ?? '')?.[0] ?? expect.fail('no cookie')
      }
      const [ann, bob] = [await login(), await login()]
      const inSession = async (cookie: string) => (await send({ url: '/session', headers: { cookie } })).status
      expect([await inSession(ann), await inSession(bob), await inSession(ann)]).to.deep.equal([200, 200, 429])
      const invented = () => `${ann.split('=')[0]}=${Math.random()}`
      expect([await inSession(invented()), await inSession(invented())], 'unknown ids').to.deep.equal([200, 429])
      expect(isSecure).to.be.a('boolean')
    },
    { session: { secret: 'for tests' } },
  )

  bothWays(
    'can not tell sessions apart where there are none',
    (server) => {
      server.use(rateLimit({ average: 1, key: 'session' }))
    },
    async (send, _world, { log }) => {
      expect((await send('/')).status).to.equal(500)
      expect(errorIn(log)).to.include('option "session"')
    },
  )

  bothWays(
    'asks a limiter of rate-limiter-flexible',
    (server) => {
      const limiter = new RateLimiterMemory({ points: 2, duration: 3600 })
      server.bindMiddleware('/limited', rateLimit({ limiter }))
      const broken = { consume: () => Promise.reject(new Error('the store is away')) }
      server.bindMiddleware('/broken', rateLimit({ limiter: broken }))
      server.get('/*', () => 'in')
    },
    async (send, _world, { log }) => {
      const first = await send('/limited')
      expect([first.status, first.header('ratelimit'), first.header('ratelimit-policy')]).to.deep.equal([
        200,
        '"limiter";r=1;t=3600',
        '"limiter";q=2;w=3600',
      ])
      expect((await send('/limited')).status).to.equal(200)
      const refused = await send('/limited')
      expect([refused.status, refused.header('ratelimit')?.slice(0, 13)]).to.deep.equal([429, '"limiter";r=0'])
      expect(Number(refused.header('retry-after'))).to.be.within(3590, 3600)
      log.length = 0
      expect((await send('/broken')).status).to.equal(500)
      expect(errorIn(log)).to.include('the store is away')
    },
  )

  it('stands before forward, whose answers tell of it too', async () => {
    const node = await openNode((_, response) => response.writeHead(200, { ratelimit: '"node";r=5' }).end())
    const front = await openFront(node.url, {}, (server, handler) => {
      server.group('/limited', (group) => {
        group.use(rateLimit({ average: 1, period: '1h' })).bindHandler('/*', handler)
      })
    })
    const first = await front.exchange('GET /limited/x HTTP/1.1')
    expect([statusOf(first), fieldOf(first, 'ratelimit')]).to.deep.equal([200, '"node";r=5, "1-in-3600s";r=0;t=3600'])
    expect(statusOf(await front.exchange('GET /limited/x HTTP/1.1'))).to.equal(429)
    expect(node.asked).to.have.length(1)
  })

  it('names what it does not take', () => {
    const limiter = { consume: () => Promise.resolve({ remainingPoints: 1, msBeforeNext: 1 }) }
    for (const [options, part] of [
      [undefined, 'rateLimit: expected an object'],
      [{}, '"average"'],
      [{ average: 0 }, '"average"'],
      [{ average: 1, limiter }, '"limiter"'],
      [{ limiter, burst: 1 }, '"burst"'],
      [{ limiter: {} }, '"limiter"'],
      [{ average: 1, period: 0 }, '"period"'],
      [{ average: 1, burst: 0 }, '"burst"'],
      [{ average: 1, key: 'header:' }, '"key"'],
      [{ average: 1, key: 'cookie:a b' }, '"key"'],
      [{ average: 1, maxKeys: 0 }, '"maxKeys"'],
      [{ average: 1, limit: 1 }, '"limit"'],
    ] as const) {
      const error = thrownBy(() => callUntyped({ rateLimit }, 'rateLimit', options))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(part)
    }
  })
})

describe('inFlight', () => {
  closeAfterEach()

  bothWays(
    'answers 429 while as many requests are under way, failed ones no longer',
    (server) => {
      const gates = [gate(), gate()]
      let arrived = 0
      server.use(inFlight({ amount: 2 }))
      server.get('/', async () => {
        await gates[arrived++]?.opened
        return 'in'
      })
      server.get('/fails', () => {
        throw new Error('secret')
      })
      return { gates, arrived: () => arrived }
    },
    async (send, { gates, arrived }) => {
      const first = [send('/'), send('/')]
      await until(() => arrived() === 2, 'both are under way')
      const refused = await send('/')
      expect([refused.status, refused.text]).to.deep.equal([429, 'Too Many Requests'])
      for (const one of gates) one.open()
      expect(statuses(await Promise.all(first))).to.deep.equal([200, 200])
      for (let i = 0; i < 5; i++) expect((await send('/fails')).status).to.equal(500)
      expect((await send('/')).status).to.equal(200)
    },
  )

  overHttp1(
    'counts streams to their end, or to where they are cut off',
    (server) => {
      const held = gate()
      const handed = gate()
      server.use(inFlight({ amount: 1 }))
      server.get('/stream', async function* () {
        yield 'first'
        await held.opened
      })
      server.get('/events', (request) => {
        void request.response.sse().send('hello')
      })
      server.get('/hijack', (request) => {
        const { response } = request.response.hijack()
        response.write('first')
        void handed.opened.then(() => response.end())
      })
      server.get('/', () => 'in')
      return { held, handed }
    },
    async (send, { held, handed }, { port }) => {
      const isFree = async () => (await send('/')).status === 200
      const hold = async (path: string) => {
        const connection = await openRaw(port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
        await until(() => /first|hello/.test(connection.received()), `${path} has begun`)
        expect(await isFree(), path).to.equal(false)
        return connection
      }
      const untilFree = async () => {
        for (;;) if (await isFree()) return
      }
      const stream = await hold('/stream')
      held.open()
      await untilFree()
      stream.socket.destroy()
      for (const path of ['/events', '/hijack']) {
        const connection = await hold(path)
        connection.socket.destroy()
        await untilFree()
      }
      handed.open()
    },
  )

  it('counts what forward relays to its end', async () => {
    const held = gate()
    const node = await openNode((_, response) => {
      response.write('first')
      void held.opened.then(() => response.end())
    })
    const front = await openFront(node.url, {}, (server, handler) => {
      server.use(inFlight({ amount: 1 }))
      server.bindHandler('/*', handler)
    })
    const request = ask({ port: front.port, host: '127.0.0.1', agent: false }).end()
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
    expect((await front.get()).status).to.equal(429)
    held.open()
    await once(response.resume(), 'end')
    await until(() => node.asked.length === 1, 'it was asked')
    for (;;) if ((await front.get()).status === 200) break
  })

  it('names what it does not take', () => {
    for (const options of [undefined, {}, { amount: 0 }, { amount: 1.5 }, { amount: 1, key: 'ip' }])
      expect(thrownBy(() => callUntyped({ inFlight }, 'inFlight', options))).to.be.instanceOf(ConfigError)
  })
})
