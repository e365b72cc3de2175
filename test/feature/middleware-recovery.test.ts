import { expect } from 'chai'
import { circuitBreaker, ConfigError, HttpError, retry, stripPrefix, timeout } from 'tribind'
import { closeAfterEach, closedPort, openFront, openNode, openRawNode, statusOf } from '../forward/forward-world.ts'
import { bothWays, callUntyped, gate, openRaw, overHttp1, thrownBy, until } from './both-ways.ts'

describe('retry', () => {
  closeAfterEach()

  bothWays(
    'runs again what has failed for a time, and nothing else',
    (server) => {
      const counts = new Map<string, number>()
      server.use(retry({ attempts: 2, backoff: 1 }))
      server.use(async (request, next) => {
        counts.set(request.path, (counts.get(request.path) ?? 0) + 1)
        request.response.setHeader('X-Inner', String(counts.get(request.path)))
        await next()
      })
      const failTimes = (times: number, error: () => unknown) => {
        let left = times
        return ({ response }: { response: { write(text: string): void; status: number } }) => {
          if (left-- > 0) {
            response.write('begun')
            response.status = 202
            throw error()
          }
          return 'in'
        }
      }
      for (const status of [500, 502, 503, 504, 429])
        server.all(
          `/once/${status}`,
          failTimes(1, () => new HttpError(status)),
        )
      server.get(
        '/twice',
        failTimes(2, () => new HttpError(503)),
      )
      server.get(
        '/always',
        failTimes(99, () => new HttpError(503, 'busy')),
      )
      server.get(
        '/bug',
        failTimes(1, () => new Error('secret')),
      )
      server.get('/set', ({ response }) => response.writeStatus(503))
      server.get('/exit', (request) => {
        request.response.status = 503
        request.exitAll()
      })
      return counts
    },
    async (send, counts, { log }) => {
      const run = async (line: string, path = line) => {
        const { status, text, header } = await send(line)
        return [status, text, header('x-inner'), counts.get(path)]
      }
      for (const status of [502, 503, 504]) expect(await run(`/once/${status}`)).to.deep.equal([200, 'in', '2', 2])
      expect(await run('/twice')).to.deep.equal([200, 'in', '3', 3])
      expect(await run('/always')).to.deep.equal([503, 'busy', '3', 3])
      expect(await run('/once/500')).to.deep.equal([500, 'Internal Server Error', '1', 1])
      expect(await run('/once/429')).to.deep.equal([429, 'Too Many Requests', '1', 1])
      expect(await run('/bug')).to.deep.equal([500, 'Internal Server Error', '1', 1])
      expect(await run('/set')).to.deep.equal([503, 'Service Unavailable', '1', 1])
      expect((await run('/exit'))[3]).to.equal(1)
      expect(log.filter(({ message }) => message.endsWith('is tried again'))).to.have.length(7)
    },
  )

  bothWays(
    'never sends a body again, nor what is not idempotent',
    (server) => {
      let count = 0
      server.use(retry({ attempts: 3, backoff: 0 }))
      server.all('/', () => {
        count++
        throw new HttpError(503)
      })
      return () => count
    },
    async (send, count) => {
      const runs = async (ask: Parameters<typeof send>[0]) => {
        const before = count()
        expect((await send(ask)).status).to.equal(503)
        return count() - before
      }
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
        expect(await runs({ method, url: '/' })).to.equal(4)
      for (const method of ['POST', 'PATCH']) expect(await runs({ method, url: '/' })).to.equal(1)
      expect(await runs({ method: 'PUT', url: '/', body: 'x' })).to.equal(1)
    },
  )

  it('tries a node of forward again that breaks off, not one that has begun to answer', async () => {
    let connections = 0
    const node = await openRawNode((socket) => {
      connections++
      socket.once('data', (data: Buffer) => {
        if (data.toString().startsWith('GET /cut')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort')
        else if (connections < 3) socket.destroy()
        else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
      })
    })
    const options = { nodes: [node.url], retry: { attempts: 0 }, selector: { maxFails: 0 } }
    const front = await openFront(options, {}, (server, handler) => {
      server.use(retry({ attempts: 5, backoff: 1 }), stripPrefix('/s'))
      server.bindHandler('/*', handler)
    })
    expect(await front.get('/s/x')).to.deep.equal({ status: 200, body: 'ok' })
    expect(connections).to.equal(3)
    expect((await front.get('/cut')).body).to.equal('short')
    expect(connections).to.equal(4)
  })

  it('gives up where no node can be reached, with the failure of the last attempt', async () => {
    const front = await openFront(`http://127.0.0.1:${await closedPort()}`, {}, (server, handler) => {
      server.use(retry({ attempts: 1, backoff: 1 })).bindHandler('/*', handler)
    })
    expect((await front.get()).status).to.be.oneOf([502, 503])
  })

  bothWays(
    'shows each attempt the request as the first one saw it, whatever runs on of those before',
    (server) => {
      const paths: string[] = []
      server.use(retry({ attempts: 1, backoff: 1 }), timeout(20), stripPrefix('/s'))
      const late = gate()
      server.get('/*', async ({ path }) => {
        paths.push(path)
        if (paths.length === 1) await late.opened
        return path
      })
      return { paths, late }
    },
    async (send, { paths, late }) => {
      expect((await send('/s/s/x')).text).to.equal('/s/x')
      late.open()
      expect(paths).to.deep.equal(['/s/x', '/s/x'])
    },
  )

  overHttp1(
    'does not wait for a client that has left',
    (server) => {
      let count = 0
      server.use(retry({ attempts: 5, backoff: '1h' }))
      server.get('/', () => {
        count++
        throw new HttpError(503)
      })
      return () => count
    },
    async (_send, count, { port, server }) => {
      const { socket } = await openRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await until(() => count() === 1, 'it has failed once')
      socket.destroy()
      await server.stop()
      // The first pause is by chance, and may have been over already.
      expect(count()).to.be.below(3)
    },
  )

  it('leaves next() to be called once by all others', async () => {
    const { Server } = await import('tribind')
    const server = new Server({ logger: { debug() {}, info() {}, warn() {}, error() {} } })
    server.use(async (_request, next) => {
      await next().catch(() => {})
      await next()
    })
    server.get('/', () => {
      throw new HttpError(503)
    })
    expect((await server.inject({ url: '/' })).status).to.equal(500)
  })

  it('names what it does not take', () => {
    for (const options of [undefined, {}, { attempts: 0 }, { attempts: 1, backoff: -1 }, { attempts: 1, on: [] }])
      expect(thrownBy(() => callUntyped({ retry }, 'retry', options))).to.be.instanceOf(ConfigError)
  })
})

describe('circuitBreaker', () => {
  closeAfterEach()

  bothWays(
    'keeps requests from what fails, tries one after a time, and lets all through once it succeeds',
    (server) => {
      const state = { isBroken: true, runs: 0 }
      server.use(circuitBreaker({ failures: 3, duration: 100 }))
      server.get('/', () => {
        state.runs++
        if (state.isBroken) throw new Error('secret')
        return 'in'
      })
      server.get('/set', ({ response }) => {
        state.runs++
        response.status = state.isBroken ? 502 : 200
      })
      server.get('/client', () => {
        throw new HttpError(404)
      })
      return state
    },
    async (send, state, { log }) => {
      const status = async (url = '/') => (await send(url)).status
      expect([await status(), await status('/set'), await status('/client'), await status()]).to.deep.equal([
        500, 502, 404, 500,
      ])
      expect([await status(), await status('/set')], 'the row was broken by the 404').to.deep.equal([500, 502])
      const runs = state.runs
      const refused = await send('/')
      expect([refused.status, refused.header('retry-after'), refused.text]).to.deep.equal([
        503,
        '1',
        'Service Unavailable',
      ])
      expect(state.runs).to.equal(runs)
      // A trial fails.
      await untilSo(async () => (await status()) === 500)
      expect([state.runs, await status()]).to.deep.equal([runs + 1, 503])
      state.isBroken = false
      await untilSo(async () => (await status()) === 200)
      expect([await status(), await status('/set')]).to.deep.equal([200, 200])
      const told = log.map(({ message }) => /^circuitBreaker \w+/.exec(message)?.[0]).filter(Boolean)
      expect(told).to.deep.equal(['circuitBreaker opens', 'circuitBreaker opens', 'circuitBreaker closes'])
    },
  )

  /** Asks until it is so. */
  async function untilSo(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
  }

  bothWays(
    'lets one through at a time',
    (server) => {
      const state = { runs: 0, held: gate() }
      server.use(circuitBreaker({ failures: 1, duration: 1 }))
      server.get('/', async () => {
        if (state.runs++ === 0) throw new Error('secret')
        await state.held.opened
        return 'in'
      })
      return state
    },
    async (send, state) => {
      expect((await send('/')).status).to.equal(500)
      await new Promise((resolve) => setTimeout(resolve, 5))
      const trial = send('/')
      await until(() => state.runs === 2, 'the trial runs')
      expect((await Promise.all([send('/'), send('/')])).map(({ status }) => status)).to.deep.equal([503, 503])
      state.held.open()
      expect((await trial).status).to.equal(200)
      expect((await send('/')).status).to.equal(200)
      expect(state.runs).to.equal(3)
    },
  )

  overHttp1(
    'tries another where the client of a trial has left',
    (server) => {
      const state = { runs: 0 }
      server.use(circuitBreaker({ failures: 1, duration: 1 }))
      server.get('/', async () => {
        state.runs++
        if (state.runs === 1) throw new Error('secret')
        if (state.runs === 2) await new Promise(() => {})
        return 'in'
      })
      return state
    },
    async (send, state, { port }) => {
      expect((await send('/')).status).to.equal(500)
      await new Promise((resolve) => setTimeout(resolve, 5))
      const { socket } = await openRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await until(() => state.runs === 2, 'the trial runs')
      expect((await send('/')).status).to.equal(503)
      socket.destroy()
      await untilSo(async () => (await send('/')).status === 200)
    },
    { stopTimeout: 50 },
  )

  it('counts what the nodes of forward answer', async () => {
    const node = await openNode((_, response) => response.writeHead(503).end('busy'))
    const front = await openFront(node.url, {}, (server, handler) => {
      server.use(circuitBreaker({ failures: 2, duration: '1h' })).bindHandler('/*', handler)
    })
    const bodies = [(await front.get()).body, (await front.get()).body]
    const third = await front.exchange('GET / HTTP/1.1')
    for (const body of bodies) expect(body).to.include('busy')
    expect([statusOf(third), /retry-after: (\d+)/i.exec(third)?.[1]]).to.deep.equal([503, '3600'])
    expect(node.asked).to.have.length(2)
  })

  it('names what it does not take', () => {
    for (const options of [null, { failures: 0 }, { duration: 0 }, { duration: 'long' }, { amount: 1 }])
      expect(thrownBy(() => callUntyped({ circuitBreaker }, 'circuitBreaker', options))).to.be.instanceOf(ConfigError)
    circuitBreaker()
  })
})
