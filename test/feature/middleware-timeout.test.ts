import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { ConfigError, fromConnect, HttpError, timeout } from 'tribind'
import { bothWays, callUntyped, gate, inTime, overSocket, thrownBy, turns, until } from './both-ways.ts'

/** The timers of that length that are set while it runs. */
async function timersOf(ms: number, run: () => Promise<void>): Promise<NodeJS.Timeout[]> {
  const timers: NodeJS.Timeout[] = []
  const { setTimeout } = globalThis
  const spy = (callback: () => void, delay: number) => {
    const timer = setTimeout(callback, delay)
    if (delay === ms) timers.push(timer)
    return timer
  }
  globalThis.setTimeout = Object.assign(spy, setTimeout)
  await run().finally(() => (globalThis.setTimeout = setTimeout))
  return timers
}

describe('timeout', () => {
  bothWays(
    'answers 503 where what is inside takes longer; what comes later changes nothing',
    (server) => {
      const gates = { late: gate(), held: gate() }
      const sources: Readable[] = []
      const ran: string[] = []
      server.use(async (_request, next) => {
        try {
          await next()
        } catch (error) {
          // While this one takes its time, the late ones come.
          gates.late.open()
          await gates.held.opened
          throw error
        }
      })
      server.use(timeout(10))
      server.use(async (request, next) => {
        await next()
        request.response.setHeader('X-Late', '1')
        ran.push('late middleware')
      })
      server.bindHookHandler('/*', 'AfterServe', async () => {
        await turns()
        ran.push('AfterServe')
      })
      server.bindHookHandler('/*', 'AfterClose', () => ran.push('AfterClose'))
      server.bindStatusHandler(503, async ({ response }) => {
        await turns()
        response.write(`${response.buffer().toString()}, sorry`)
      })
      const writeLate = async (request: Parameters<Parameters<typeof server.get>[1]>[0]) => {
        const { response } = request
        await gates.late.opened
        response.status = 201
        response.write('late')
        response.setHeader('X-Late', '1')
        sources.push(Readable.from(['late']))
        response.stream(sources.at(-1) as Readable)
        request.cookie.set('late', '1')
        ran.push('late')
      }
      server.bindHandler('/writes', async (request) => {
        await writeLate(request)
        setImmediate(gates.held.open)
        return 'late'
      })
      server.bindHandler('/exits', async (request) => {
        await writeLate(request)
        setImmediate(gates.held.open)
        request.exitAll()
      })
      server.bindHandler('/fails', async (request) => {
        await writeLate(request)
        setImmediate(gates.held.open)
        throw new Error('late failure')
      })
      return { ran, sources, gates }
    },
    async (send, { ran, sources, gates }, { log }) => {
      for (const url of ['/writes', '/exits', '/fails']) {
        gates.late = gate()
        gates.held = gate()
        const { status, text, header } = await send(url)
        expect([status, text], url).to.deep.equal([503, 'Service Unavailable, sorry'])
        expect(header('x-late')).to.equal(undefined)
        expect(header('set-cookie')).to.equal(undefined)
        await until(() => ran.includes('AfterClose'), 'it is over')
        await turns()
        expect(ran.filter((name) => name === 'AfterServe' || name === 'late')).to.deep.equal(['late', 'AfterServe'])
        ran.length = 0
        expect(sources.at(-1)?.destroyed).to.equal(true)
      }
      const messages = log.map(({ message }) => message)
      expect(messages).to.include('Failed after its timeout')
      expect(messages.filter((message) => message.endsWith('failed'))).to.have.length(3)
    },
  )

  bothWays(
    'leaves alone what is in time, and clears its timer',
    (server) => {
      server.use(timeout(60_000))
      server.get('/sync', () => 'sync')
      server.get('/async', async () => {
        await sleep(2)
        return 'async'
      })
      server.bindHandler('/fails', async () => {
        throw new HttpError(409, 'in time')
      })
      server.bindHandler('/exits', async (request) => {
        request.response.write('exits')
        request.exitAll()
      })
      server.get('/stream', () => Readable.from(['a', 'b']))
    },
    async (send) => {
      const timers = await timersOf(60_000, async () => {
        expect((await send('/sync')).text).to.equal('sync')
        expect((await send('/async')).text).to.equal('async')
        expect((await send('/exits')).text).to.equal('exits')
        expect((await send('/stream')).text).to.equal('ab')
        const failed = await send('/fails')
        expect([failed.status, failed.text]).to.deep.equal([409, 'in time'])
      })
      expect(timers.map((timer) => Reflect.get(timer, '_destroyed') as boolean)).to.deep.equal(Array(5).fill(true))
    },
  )

  bothWays(
    'the inner of two answers first, around a middleware of Connect too; streams may take longer',
    (server) => {
      server.use(timeout(5000))
      server.bindMiddleware('/inner/*', timeout(5))
      server.bindMiddleware(
        '/inner/connect',
        fromConnect(() => {}),
      )
      server.get('/inner/handler', () => sleep(50))
      server.get('/inner/stream', () =>
        (async function* () {
          await sleep(20)
          yield 'streamed'
        })(),
      )
    },
    async (send) => {
      expect((await send('/inner/handler')).status).to.equal(503)
      expect((await send('/inner/connect')).status).to.equal(503)
      expect((await send('/inner/stream')).text).to.equal('streamed')
    },
  )

  overSocket(
    'cuts an answer that has begun',
    (server) => {
      server.bindMiddleware('/slow', timeout(10))
      server.get('/slow', async ({ response }) => {
        response.raw.writeHead(200, { 'Content-Length': '10' })
        response.raw.write('half')
        await sleep(100)
        response.raw.end('half..')
      })
      server.get('/next', () => 'next')
    },
    async (send) => {
      const code = await inTime(
        send('/slow').then(
          () => undefined,
          (error: NodeJS.ErrnoException) => error.code,
        ),
        'it is cut',
      )
      expect(code).to.be.oneOf(['ECONNRESET', 'ERR_HTTP2_STREAM_ERROR'])
      expect((await send('/next')).text).to.equal('next')
    },
  )

  bothWays(
    'takes a text for its time',
    (server) => {
      server.use(timeout('10ms'))
      server.get('/', () => new Promise(() => {}))
    },
    async (send) => {
      expect((await send('/')).status).to.equal(503)
    },
  )

  it('takes a whole number of milliseconds, or a text', () => {
    for (const ms of [undefined, 0, -1, 1.5, Number.NaN, Infinity, 2 ** 31, '10', '0s', '1d', 'soon'])
      expect(thrownBy(() => callUntyped({ timeout }, 'timeout', ms))).to.be.instanceOf(ConfigError)
  })
})
