import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { inTime, type Options, portOf, until } from './both-ways.ts'
import { sendStream } from './clients.ts'
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  fields,
  frame,
  kept,
  noWindow,
  openRawSession,
  type RawSession,
  types,
} from './http2-raw.ts'
import { closeAll, create, open } from './http2-world.ts'
import { temporaryFolder } from './temporary-folder.ts'

const WHOLE = END_HEADERS + END_STREAM

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

describe('http2: a client that obeys nothing', () => {
  const raws: RawSession[] = []

  afterEach(async () => {
    for (const { socket } of raws.splice(0)) socket.destroy()
    await closeAll()
  })

  async function start(register: (server: Server) => unknown, options: Options = {}) {
    const server = create(register, { stopTimeout: 50, ...options })
    await server.start()
    const join = async (settings?: Buffer) => {
      const raw = await openRawSession(portOf(server), settings)
      raws.push(raw)
      return raw
    }
    return { server, join }
  }

  /** Whether a client finds a place again, within some seconds. */
  async function hasPlace(server: Server): Promise<void> {
    for (const end = Date.now() + 8000; ; await sleep(50)) {
      const raw = await openRawSession(portOf(server)).catch(() => undefined)
      if (raw === undefined && Date.now() < end) continue
      raw?.socket.destroy()
      return expect(raw, 'there is a place').to.not.equal(undefined) && undefined
    }
  }

  async function servesOthers(server: Server): Promise<void> {
    expect((await inTime(sendStream(await open(server), '/'), 'another client is served')).text).to.equal('served')
  }

  describe('with header fields', () => {
    for (const name of ['x', 'cookie']) {
      for (const isAcknowledged of [false, true]) {
        it(`beyond maxHeaderSize has every stream reset: ${name}, settings acknowledged: ${isAcknowledged}`, async () => {
          let served = 0
          const { server, join } = await start((server) => server.bindHandler('/', () => (served++, 'served')))
          const raw = await join()
          await until(() => raw.count(types.settings) > 0, 'the settings have come')
          if (isAcknowledged) raw.send(types.settings, ACK, 0)
          raw.send(types.headers, WHOLE, 1, Buffer.concat([fields('/'), kept(name, 'y'.repeat(3800))]))
          await until(() => served === 1, 'one within the limit is served')
          const bomb = Buffer.concat([fields('/'), Buffer.alloc(900, 0xbe)])
          for (let i = 1; i <= 20; i++) raw.send(types.headers, WHOLE, 2 * i + 1, bomb)
          await until(() => raw.count(types.reset) === 20, 'all are reset')
          expect(served).to.equal(1)
          await servesOthers(server)
        })
      }
    }

    it('somewhat beyond maxHeaderSize is answered 431, as over HTTP/1.1', async () => {
      const { server } = await start((server) => server.bindHandler('/', () => 'served'), { maxHeaderSize: 10_000 })
      const session = await open(server)
      const ask = (length: number) => sendStream(session, { url: '/', headers: { x: 'y'.repeat(length) } })
      expect((await ask(9000)).status).to.equal(200)
      expect((await ask(10_001)).status).to.equal(431)
      expect((await ask(9000)).status).to.equal(200)
    })
  })

  describe('that takes no answers', () => {
    it('has its streams reset after timeout, and its connection closed, whatever it pings', async () => {
      const { server, join } = await start(
        (server) => {
          server.bindHandler('/', () => 'served')
          server.get('/large', () => Buffer.alloc(1_000_000))
        },
        { timeout: 300, keepAliveTimeout: 100, maxUnsentBytes: 3_000_000 },
      )
      const raw = await join(noWindow)
      raw.send(types.settings, ACK, 0)
      for (let i = 0; i < 20; i++) raw.send(types.headers, WHOLE, 2 * i + 1, fields('/large'))
      const ping = setInterval(() => raw.send(types.ping, 0, 0, Buffer.alloc(8)), 20)
      await inTime(raw.closed, 'it is closed', 5000).finally(() => clearInterval(ping))
      expect(raw.count(types.reset)).to.equal(20)
      await servesOthers(server)
    })

    it('has no more of its requests served than leave maxUnsentBytes waiting, and the rest once it takes them', async () => {
      let served = 0
      const { join } = await start((server) => server.get('/large', () => (served++, Buffer.alloc(30_000))), {
        maxUnsentBytes: 100_000,
      })
      const raw = await join(noWindow)
      for (let i = 0; i < 20; i++) raw.send(types.headers, WHOLE, 2 * i + 1, fields('/large'))
      await until(() => served > 0, 'some are served')
      await sleep(100)
      expect(served).to.equal(4)
      const more = Buffer.from([0, 0x10, 0, 0])
      raw.send(types.window, 0, 0, more)
      for (let i = 0; i < 20; i++) raw.send(types.window, 0, 2 * i + 1, more)
      await until(() => served === 20, 'all are served')
      const bodies = () => raw.frames.filter(({ type }) => type === types.data)
      await until(() => bodies().reduce((sum, { payload }) => sum + payload.length, 0) === 600_000, 'all have come')
    })

    it('has no more than 20 files kept open for it after 5 s, long before timeout', async () => {
      const folder = temporaryFolder({ 'big.bin': Buffer.alloc(1_000_000) })
      const openFiles = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(folder)).length
      const { server, join } = await start(
        (server) => {
          server.bindHandler('/', () => 'served')
          server.serveStatic('/files', folder)
        },
        { connectionsCheckingInterval: 100 },
      )
      const raw = await join(noWindow)
      for (let i = 0; i < 100; i++) raw.send(types.headers, WHOLE, 2 * i + 1, fields('/files/big.bin'))
      await until(() => openFiles() === 100, 'the files are open')
      await until(() => openFiles() === 20, 'most are closed', 10_000)
      await until(() => raw.count(types.reset) === 80, 'it is told')
      await servesOthers(server)
    })

    it('is not one that takes a long answer slowly', async () => {
      const { server } = await start((server) => server.get('/large', () => 'ü'.repeat(100_000)), { timeout: 200 })
      const session = await open(server)
      const stream = session.request({ ':path': '/large' })
      let length = 0
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        length += chunk.length
        await sleep(60)
      }
      expect(length).to.equal(200_000)
    })
  })

  it('whose body does not come within requestTimeout is answered 408, and the others of its session are served', async () => {
    const { server } = await start(
      (server) => server.bindHandler('/', (request) => request.text().then(() => 'served')),
      {
        requestTimeout: 200,
        connectionsCheckingInterval: 20,
      },
    )
    const session = await open(server)
    const slow = session.request({ ':path': '/', ':method': 'POST' }).on('error', () => {})
    const status = new Promise((resolve) => slow.once('response', (head) => resolve(head[':status'])))
    slow.write('a')
    expect((await sendStream(session, { url: '/', method: 'POST', body: 'whole' })).text).to.equal('served')
    expect(await inTime(status, 'it is answered')).to.equal(408)
    expect((await sendStream(session, '/')).text).to.equal('served')
  })

  describe('that floods', () => {
    it('with requests it cancels at once (CVE-2023-44487) leaves nothing running', async () => {
      let running = 0
      const { server, join } = await start((server) => {
        server.bindHandler('/', () => 'served')
        server.get('/slow', async ({ signal }) => {
          running++
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          running--
        })
      })
      const raw = await join()
      raw.send(types.settings, ACK, 0)
      for (let i = 0; i < 100; i++) {
        raw.send(types.headers, WHOLE, 2 * i + 1, fields('/slow'))
        raw.send(types.reset, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8]))
        await sleep(5)
      }
      await until(() => running === 0, 'all have ended')
      await servesOthers(server)
    })

    it('with thousands of those holds no place once it has left', async () => {
      const { server, join } = await start((server) => server.bindHandler('/', () => 'served'), {
        maxConnections: 1,
        connectionsCheckingInterval: 50,
      })
      const raw = await join()
      for (let i = 0; i < 2000; i++) {
        raw.send(types.headers, WHOLE, 2 * i + 1, fields('/'))
        raw.send(types.reset, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8]))
      }
      // A reset of the connection may overtake what it is told.
      await until(() => raw.count(types.goaway) > 0 || raw.socket.destroyed, 'it is told')
      raw.socket.destroy()
      await hasPlace(server)
    })

    it('with CONTINUATION frames without end (CVE-2024-27983) is cut', async () => {
      const { server, join } = await start((server) => server.bindHandler('/', () => 'served'))
      const raw = await join()
      raw.send(types.headers, END_STREAM, 1, fields('/'))
      const more = kept('x', 'y'.repeat(1000))
      for (let i = 0; i < 1000 && !raw.socket.destroyed; i++) raw.send(types.continuation, 0, 1, more)
      await inTime(raw.closed, 'it is cut', 5000)
      await servesOthers(server)
    })

    it('with SETTINGS and takes no acknowledgement is cut', async () => {
      const { server, join } = await start((server) => server.bindHandler('/', () => 'served'), { timeout: 500 })
      const raw = await join()
      raw.socket.pause()
      const many = Buffer.concat(Array.from({ length: 1000 }, () => frame(types.settings, 0, 0, Buffer.alloc(0))))
      for (let i = 0; i < 1000 && !raw.socket.destroyed; i++) {
        if (!raw.socket.write(many))
          await Promise.race([new Promise((resolve) => raw.socket.once('drain', resolve)), sleep(20)])
      }
      await servesOthers(server)
      raw.socket.resume()
      await inTime(raw.closed, 'it is cut', 5000)
    })
  })

  describe('that breaks the protocol', () => {
    const errors: Record<string, (raw: RawSession) => unknown> = {
      'on a stream of the server': (raw) => raw.send(types.headers, WHOLE, 2, fields('/')),
      'with a window of nothing': (raw) => raw.send(types.window, 0, 0, Buffer.alloc(4)),
      'with SETTINGS cut short': (raw) => raw.send(types.settings, 0, 0, Buffer.alloc(5)),
      'with a body for no request': (raw) => raw.send(types.data, 0, 7, Buffer.alloc(5)),
      'with what is no frame': (raw) => raw.socket.write(Buffer.alloc(1000, 0xff)),
    }
    for (const [how, err] of Object.entries(errors)) {
      for (const leave of ['destroy', 'end', 'ref'] as const) {
        it(`${how} holds no place, ${leave === 'ref' ? 'though it stays' : `once it leaves by ${leave}`}`, async () => {
          const { server, join } = await start((server) => server.bindHandler('/', () => 'served'), {
            maxConnections: 1,
            connectionsCheckingInterval: 50,
          })
          const raw = await join()
          err(raw)
          // A sweep that comes first ends the connection without a GOAWAY.
          await until(() => raw.count(types.goaway) > 0 || raw.socket.readableEnded, 'the error is told')
          raw.socket[leave]()
          await hasPlace(server)
        })
      }

      it(`${how} holds no place where keepAliveTimeout is over soon after`, async () => {
        const { server, join } = await start((server) => server.bindHandler('/', () => 'served'), {
          maxConnections: 1,
          connectionsCheckingInterval: 50,
          keepAliveTimeout: 100,
        })
        const raw = await join()
        await until(() => raw.count(types.ping) > 0, 'it is asked whether it is there')
        err(raw)
        raw.socket.destroySoon()
        await hasPlace(server)
      })
    }
  })

  it('and stays after it was told to go holds no place', async () => {
    const { server, join } = await start((server) => server.bindHandler('/', () => 'served'), {
      maxConnections: 1,
      connectionsCheckingInterval: 50,
      keepAliveTimeout: 100,
    })
    const raw = await join()
    await until(() => raw.count(types.goaway) > 0, 'it is told')
    await hasPlace(server)
  })
})
