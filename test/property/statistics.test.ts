import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Server } from 'tribind'
import { inTime, until } from '../feature/both-ways.ts'
import { cert } from '../feature/key-pair.ts'
import { type Counted, openCounted } from '../feature/statistics-world.ts'
import { upgradeHead } from '../feature/websocket-client.ts'

function register(server: Server): void {
  server.get('/hello', () => 'hello')
  server.get('/fails', () => Promise.reject(new Error('no')))
  server.get('/never', ({ signal }) => once(signal, 'abort'))
  server.post('/upload', (request) => request.text())
  server.get('/long', async function* () {
    for (let i = 0; i < 100; i++) {
      yield 'x'.repeat(5000)
      await sleep(1)
    }
  })
  server.get('/cut', async function* () {
    yield 'begun'
    await sleep(1)
    throw new Error('cut')
  })
  server.bindWebSocket('/chat', (socket) => void socket.on('message', (text) => socket.send(text)))
}

type Leave = 'end' | 'destroy' | 'reset'

/** What a client does over a connection of its own, and what is to be counted for it, however the client leaves. */
interface Act {
  readonly requests: number
  readonly errors: number
  /** Resolves when the client may leave. */
  run(socket: Duplex, session: http2.ClientHttp2Session): Promise<unknown>
}

const get = (path: string, fields = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
const upload = 'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\nhalf'

/** Sends a text, and waits for a text, or for the end where none is named. */
function exchange(requests: number, errors: number, text: string, awaited?: string): Act {
  return {
    requests,
    errors,
    async run(socket) {
      let received = ''
      socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
      const closed = once(socket, 'close')
      socket.write(text)
      if (awaited === undefined) await inTime(closed, 'the connection is closed')
      else await until(() => received.includes(awaited), `${awaited} is there`)
    },
  }
}

const actsOfHttp1: readonly Act[] = [
  exchange(0, 0, '', ''),
  exchange(0, 0, 'GET /hel', ''),
  exchange(1, 0, get('/hello'), 'hello'),
  exchange(3, 0, get('/hello').repeat(2) + get('/none'), '404'),
  exchange(3, 2, get('/fails').repeat(2) + get('/hello'), 'hello'),
  exchange(1, 1, get('/cut')),
  exchange(2, 2, get('/cut') + get('/hello')),
  exchange(1, 0, get('/long'), 'xxxxx'),
  exchange(1, 0, upload, '100 Continue'),
  exchange(0, 1, 'NONSENSE\r\n\r\n', '400'),
  exchange(1, 1, `${get('/hello')}NONSENSE\r\n\r\n`, '400'),
  exchange(1, 0, upgradeHead('/chat'), '101'),
  exchange(1, 0, upgradeHead('/none'), '404'),
]

/** Sends requests, and waits until they have ended. */
function streams(requests: number, errors: number, paths: readonly string[]): Act {
  const end = async (session: http2.ClientHttp2Session, path: string) => {
    const stream = session.request({ ':path': path }).on('error', () => {})
    await new Promise((resolve) => stream.resume().once('close', resolve))
  }
  return { requests, errors, run: (_socket, session) => Promise.all(paths.map((path) => end(session, path))) }
}

/** Sends a request that is left while it is under way. */
function leaving(path: string, isReset: boolean): Act {
  return {
    requests: 1,
    errors: 0,
    async run(_socket, session) {
      const stream = session.request({ ':path': path }).on('error', () => {})
      stream.resume()
      // The server answers it after the request has arrived.
      await new Promise((resolve) => session.ping(resolve))
      if (isReset) stream.close(http2.constants.NGHTTP2_CANCEL)
    },
  }
}

const actsOfHttp2: readonly Act[] = [
  streams(0, 0, []),
  streams(4, 0, ['/hello', '/none', '/hello', '/hello']),
  streams(3, 2, ['/fails', '/hello', '/fails']),
  streams(3, 1, ['/hello', '/cut', '/hello']),
  leaving('/never', true),
  leaving('/long', true),
  leaving('/never', false),
  leaving('/long', false),
]

async function perform(act: Act, leave: Leave, { port, protocol }: Counted): Promise<void> {
  const tcp = net.connect(port, '127.0.0.1').on('error', () => {})
  await once(tcp, 'connect')
  const secure = {
    socket: tcp,
    ca: cert,
    servername: 'localhost',
    ...(protocol === 'http2' && { ALPNProtocols: ['h2'] }),
  }
  const socket = protocol === 'socket' ? tcp : tls.connect(secure).on('error', () => {})
  // The server sends a ticket once the handshake is over for it, too.
  if (socket instanceof tls.TLSSocket) await once(socket, 'session').then(() => turn())
  // Only HTTP/2 has one.
  let session: http2.ClientHttp2Session | undefined
  if (protocol === 'http2') {
    session = http2.connect('https://localhost', { createConnection: () => socket }).on('error', () => {})
    await once(session, 'connect')
  }
  await act.run(socket, session as http2.ClientHttp2Session)
  if (leave === 'reset') tcp.resetAndDestroy()
  else if (session !== undefined) session.destroy()
  else if (leave === 'end') socket.end()
  else socket.destroy()
}

type Stats = ReturnType<Counted['stats']>

/** Reads again and again until it is told to end, and compares each figure with what it was. */
async function watch(stats: () => Stats, isOver: () => boolean): Promise<void> {
  for (let before = stats(); !isOver(); await turn()) {
    const now = stats()
    for (const [name, value] of Object.entries(now)) {
      expect(value, name).to.be.at.least(name.startsWith('current') ? 0 : before[name as keyof Stats])
    }
    expect(now.currentConns).to.be.at.most(now.totalConns)
    expect(now.currentRequests).to.be.at.most(now.totalRequests)
    before = now
  }
}

describe('property: statistics', function () {
  this.timeout(60_000)

  for (const [protocol, acts] of [
    ['socket', actsOfHttp1],
    ['https', actsOfHttp1],
    ['http2', actsOfHttp2],
  ] as const)
    it(`are right, and never go down, whatever clients do [${protocol}]`, async () => {
      const counted = await openCounted(register, protocol)
      const { stats } = counted
      const arbitraryLife = fc.record({
        act: fc.constantFrom(...acts),
        leave: fc.constantFrom<Leave>('end', 'destroy', 'reset'),
        delay: fc.nat(5),
      })
      const property = fc.asyncProperty(fc.array(arbitraryLife, { minLength: 1, maxLength: 12 }), async (lives) => {
        const before = stats()
        let isOver = false
        const watching = watch(stats, () => isOver)
        const living = lives.map(({ act, leave, delay }) => sleep(delay).then(() => perform(act, leave, counted)))
        await Promise.all(living)
        await until(() => stats().currentConns === 0, 'all have left')
        await until(() => stats().currentRequests === 0, 'no request is under way')
        isOver = true
        await watching
        const after = stats()
        const sum = (of: (act: Act) => number) => lives.reduce((total, { act }) => total + of(act), 0)
        expect(after.totalConns - before.totalConns).to.equal(lives.length)
        expect(after.totalRequests - before.totalRequests).to.equal(sum(({ requests }) => requests))
        expect(after.totalErrs - before.totalErrs).to.equal(sum(({ errors }) => errors))
      })
      try {
        await fc.assert(property, { numRuns: 30 })
      } finally {
        await counted.close()
      }
    })
})
