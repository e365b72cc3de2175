import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { gate, inTime, openRaw, overHttp1, rawExchange, thrownBy, until } from './both-ways.ts'
import { askKeepingAlive } from './keep-alive.ts'

const soon = { connectionsCheckingInterval: 20 }
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const statusesOf = (received: string) => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

/** Bodies too, so that an answer that took another's place is seen. */
const answersOf = (received: string) =>
  received.split(/(?=HTTP\/1\.1 )/).map((text) => `${text.slice(9, 12)} ${text.slice(text.indexOf('\r\n\r\n') + 4)}`)

function complete(status: number, text: string): RegExp {
  return new RegExp(
    `^HTTP/1\\.1 ${status} ${text}\r\nDate: .* GMT\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\n\r\n${text}$`,
  )
}

function bindSlow(server: Server) {
  const released = gate()
  const seen: string[] = []
  server.get('/slow', async () => {
    seen.push('/slow')
    await released.opened
    return 'slow'
  })
  server.get('/quick', () => 'quick')
  server.bindHookHandler('/*', 'AfterClose', ({ path }) => void seen.push(`closed ${path}`))
  return { seen, release: released.open }
}

describe('headersTimeout', () => {
  for (const [name, start] of Object.entries({
    'half a head': 'GET / HTTP/1.1\r\nHost',
    'a connection that says nothing': '',
    'a field at a time': 'GET / HTTP/1.1\r\nA: b\r\n',
  })) {
    overHttp1(
      `answers ${name} with 408 and closes the connection`,
      bindSlow,
      async (_send, _, { port }) => {
        expect(await inTime(rawExchange(port, start), 'the end')).to.match(complete(408, 'Request Timeout'))
      },
      { headersTimeout: 100, ...soon },
    )
  }

  overHttp1(
    'never answers in place of a request that is being served',
    bindSlow,
    async (_send, { seen, release }, { port }) => {
      const { socket, received } = await openRaw(port, `${get('/slow')}GET /half HTTP/1.1\r\n`)
      await until(() => seen.includes('/slow'), 'the handler runs')
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(received()).to.equal('')
      release()
      await inTime(once(socket, 'close'), 'the end')
      expect(answersOf(received())).to.deep.equal(['200 slow', '408 Request Timeout'])
    },
    { headersTimeout: 50, ...soon },
  )

  overHttp1(
    'leaves a handler all its time',
    bindSlow,
    async (send, { release }) => {
      const answer = send('/slow')
      await new Promise((resolve) => setTimeout(resolve, 200))
      release()
      expect((await answer).text).to.equal('slow')
    },
    { headersTimeout: 50, requestTimeout: 50, ...soon },
  )

  it('is by default 20 s, but no longer than requestTimeout', () => {
    expect(() => new Server({ requestTimeout: 1000 })).to.not.throw()
    expect(thrownBy(() => new Server({ headersTimeout: 130_000 }))).to.be.instanceOf(ConfigError)
    expect(() => new Server({ headersTimeout: 130_000, requestTimeout: 0 })).to.not.throw()
  })
})

describe('requestTimeout', () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  for (const body of ['Content-Length: 9\r\n\r\n{"a":', 'Transfer-Encoding: chunked\r\n\r\n3\r\n{"a']) {
    overHttp1(
      `answers 408 where a body doesn't come, and ends the handler that waits for it: ${body.slice(0, 8)}`,
      (server) => {
        const ends: unknown[] = []
        server.post('/', async (request) => {
          try {
            return await request.json()
          } catch (error) {
            ends.push((error as { status?: number }).status)
            throw error
          }
        })
        server.bindHookHandler('/', 'AfterClose', () => void ends.push('closed'))
        return ends
      },
      async (_send, ends, { port, log }) => {
        expect(await inTime(rawExchange(port, head + body), 'the end')).to.match(complete(408, 'Request Timeout'))
        await until(() => ends.length === 2, 'the handler has ended')
        expect(ends).to.deep.equal([400, 'closed'])
        expect(log.filter(({ level }) => level === 'error' || level === 'warn')).to.be.empty
      },
      { requestTimeout: 100, ...soon },
    )
  }
})

describe('keepAliveTimeout', () => {
  overHttp1(
    'closes a connection that has no further request, and tells clients how long it will wait',
    bindSlow,
    async (_send, _, { port }) => {
      const received = await inTime(rawExchange(port, get('/quick')), 'the end', 4000)
      expect(received).to.include('Connection: keep-alive')
      expect(statusesOf(received)).to.deep.equal([200])
    },
    { keepAliveTimeout: 50 },
  )

  overHttp1('is by default longer than the minute of load balancers', bindSlow, async (_send, _, { port }) => {
    const [answer] = await askKeepingAlive(port, [{ url: '/quick' }])
    expect(answer?.headers['keep-alive']).to.equal('timeout=72')
  })
})

describe('timeout', () => {
  overHttp1(
    'cuts a client that does not read, and ends what it was sent',
    (server) => {
      const ends: string[] = []
      server.get('/', async function* () {
        try {
          for (;;) yield Buffer.alloc(64 * 1024)
        } finally {
          ends.push('source')
        }
      })
      server.bindHookHandler('/', 'AfterClose', () => void ends.push('closed'))
      return ends
    },
    async (_send, ends, { port }) => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => {})
      socket.write(get('/'))
      await until(() => ends.length === 2, 'all ended', 4000)
      expect(ends.sort()).to.deep.equal(['closed', 'source'])
      socket.destroy()
    },
    { timeout: 200 },
  )
})

describe('maxHeaderSize', () => {
  overHttp1(
    'answers a larger head with 431, in its turn, and closes the connection',
    bindSlow,
    async (_send, { seen, release }, { port }) => {
      const large = get('/', `A: ${'x'.repeat(1500)}\r\n`)
      expect(await rawExchange(port, large)).to.match(complete(431, 'Request Header Fields Too Large'))
      const { socket, received } = await openRaw(port, get('/slow') + large)
      await until(() => seen.includes('/slow'), 'the handler runs')
      release()
      await inTime(once(socket, 'close'), 'the end')
      expect(answersOf(received())).to.deep.equal(['200 slow', '431 Request Header Fields Too Large'])
    },
    { maxHeaderSize: 1000 },
  )

  overHttp1('lets a client that sends far more read its 431', bindSlow, async (_send, _, { port }) => {
    const received = await rawExchange(port, get('/', `A: ${'x'.repeat(8 * 1024 * 1024)}\r\n`))
    expect(received).to.match(complete(431, 'Request Header Fields Too Large'))
  })
})

describe('maxConnections', () => {
  overHttp1(
    'closes connections beyond it, says so in the log once, and takes others as soon as there is room',
    bindSlow,
    async (send, _, { port, log }) => {
      const first = await openRaw(port, get('/quick'))
      const second = await openRaw(port, get('/quick'))
      await until(() => first.received() !== '' && second.received() !== '', 'both are answered')
      for (let i = 0; i < 3; i++) expect(await failureOf(send('/quick'))).to.match(/ECONNRESET|socket hang up/)
      const warnings = log.filter(({ level }) => level === 'warn')
      expect(warnings.map(({ message }) => message)).to.deep.equal([
        'Connections were closed: there are maxConnections already',
      ])
      first.socket.destroy()
      await untilAnswered(send)
      second.socket.destroy()
    },
    { maxConnections: 2 },
  )
})

describe('maxRequestsPerSocket', () => {
  overHttp1(
    'closes the connection after so many answers; what was pipelined beyond is neither served nor answered',
    bindSlow,
    async (_send, { seen }, { port }) => {
      const received = await rawExchange(port, get('/quick').repeat(5))
      expect(answersOf(received)).to.deep.equal(['200 quick', '200 quick'])
      expect(received.match(/Connection: .*/g)).to.deep.equal(['Connection: keep-alive', 'Connection: close'])
      await until(() => seen.length === 2, 'both are closed')
    },
    { maxRequestsPerSocket: 2 },
  )
})

describe('requests that are none', () => {
  overHttp1('are answered 400 in their turn', bindSlow, async (_send, { seen, release }, { port }) => {
    expect(await rawExchange(port, 'nonsense\r\n\r\n')).to.match(complete(400, 'Bad Request'))
    const { socket, received } = await openRaw(port, `${get('/slow')}${get('/quick')}nonsense\r\n\r\n`)
    await until(() => seen.includes('/slow'), 'the handler runs')
    release()
    await inTime(once(socket, 'close'), 'the end')
    expect(answersOf(received())).to.deep.equal(['200 slow', '200 quick', '400 Bad Request'])
  })

  overHttp1(
    'cut a response that has begun',
    (server) =>
      server.post('/', async function* (request) {
        yield 'begun'
        yield await request.text()
      }),
    async (_send, _, { port }) => {
      const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
      const { socket, received } = await openRaw(port, head)
      await until(() => received().includes('begun'), 'the response has begun')
      socket.write('no chunk\r\n')
      await inTime(once(socket, 'close'), 'the end')
      expect(statusesOf(received())).to.deep.equal([200])
      expect(received()).to.not.match(/0\r\n\r\n$/)
    },
  )
})

describe('what is deep or wide', () => {
  overHttp1(
    'JSON of a million brackets fails that request alone',
    (server) => {
      server.post('/read', async (request) => {
        await request.json()
        return 'read'
      })
      server.post('/echo', (request) => request.json())
    },
    async (send) => {
      const headers = { 'content-type': 'application/json' }
      const half = 500_000
      for (const body of ['['.repeat(2 * half), `${'['.repeat(half)}${']'.repeat(half)}`]) {
        const read = await send({ method: 'POST', url: '/read', headers, body })
        expect(read.status).to.be.oneOf(body.endsWith(']') ? [200, 400] : [400])
        const echo = await send({ method: 'POST', url: '/echo', headers, body })
        expect(echo.status).to.be.oneOf([400, 500])
      }
    },
  )

  overHttp1(
    'a query of thousands of names is read whole',
    (server) => server.get('/', ({ query }) => Object.keys(query).length),
    async (send) => {
      const names = Array.from({ length: 3000 }, (_, i) => i.toString(36))
      expect((await send(`/?${names.join('&')}`)).text).to.equal('3000')
    },
  )
})

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: Error) => error.message,
  )
}

async function untilAnswered(send: (path: string) => Promise<{ text: string }>): Promise<void> {
  while ((await failureOf(send('/quick'))) !== 'none') await new Promise((resolve) => setTimeout(resolve, 5))
}
