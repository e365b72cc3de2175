import http from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ConfigError, type Request, Server } from 'tribind'
import { type Ask, bothWays, gate, overHttp1, overSocket, sendByInject, thrownBy, until } from './both-ways.ts'

const KIB = 1024
const MIB = 1024 * KIB
const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }

const ask = (encoding: string, body: Uint8Array, url = '/'): Ask => ({
  method: 'POST',
  url,
  headers: { 'content-encoding': encoding },
  body,
})

/** Bytes that hardly any encoding makes smaller. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0, state = 1; i < size; i++) bytes[i] = (state = (state * 48271) % 0x7fffffff) >> 7
  return bytes
}

/** What is held in buffers, without garbage, which takes turns of the event loop to go. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 5; turn++) {
    collect()
    await sleep(5)
  }
  return process.memoryUsage().arrayBuffers
}

function bind(server: Server): void {
  server.post('/', async (request) => String((await request.bytes()).length))
  server.post('/stream', async (request) => String((await text(request.body)).length))
  server.get('/alive', () => 'alive')
}

describe('a body that inflates', () => {
  for (const [encoding, encode] of Object.entries(encoders)) {
    bothWays(`from ${encoding} to 100 times its size and more is 413, over 512 KiB`, bind, async (send, _, { log }) => {
      for (const url of ['/', '/stream']) {
        const answer = await send(ask(encoding, encode(Buffer.alloc(2 * MIB)), url))
        expect([answer.status, answer.text]).to.deep.equal([
          413,
          'The body inflates to more than 100 times its size (inflate.maxRatio)',
        ])
        expect((await send(ask(encoding, encode(Buffer.alloc(512 * KIB)), url))).text).to.equal(String(512 * KIB))
        expect((await send('/alive')).text).to.equal('alive')
      }
      expect(log.filter(({ level }) => level === 'error')).to.be.empty
    })
  }

  bothWays(
    'may do so by another ratio',
    bind,
    async (send) => {
      const bytes = Buffer.concat([noise(64 * KIB), Buffer.alloc(900 * KIB)])
      expect((await send(ask('br', brotliCompressSync(bytes)))).status).to.equal(413)
      const rest = Buffer.concat([noise(200 * KIB), Buffer.alloc(700 * KIB)])
      expect((await send(ask('br', brotliCompressSync(rest)))).text).to.equal(String(900 * KIB))
    },
    { inflate: { maxRatio: 10 } },
  )

  bothWays(
    'is 415 where that is turned off, and others are read',
    bind,
    async (send) => {
      for (const [encoding, encode] of Object.entries(encoders)) {
        const answer = await send(ask(encoding, encode('abc')))
        expect([answer.status, answer.text]).to.deep.equal([415, 'The body must not be encoded'])
      }
      for (const encoding of ['identity', 'Identity', ' ']) {
        expect((await send(ask(encoding, Buffer.from('abc')))).text).to.equal('3')
      }
    },
    { inflate: false },
  )

  overSocket(
    'counts with those of other requests until its own is over',
    (server) => {
      const { opened, open } = gate()
      let waiting = 0
      server.post('/held', async (request: Request) => {
        const { length } = await request.bytes()
        waiting++
        await opened
        return String(length)
      })
      bind(server)
      return { open, waiting: () => waiting }
    },
    async (send, { open, waiting }, { log }) => {
      const body = gzipSync(noise(400 * KIB))
      const held = [send(ask('gzip', body, '/held')), send(ask('gzip', body, '/held'))]
      await until(() => waiting() === 2, 'two are held')
      for (const url of ['/', '/stream']) {
        const answer = await send(ask('gzip', body, url))
        expect([answer.status, answer.text]).to.deep.equal([
          413,
          'The server inflates too many bodies at the moment (inflate.maxBytes)',
        ])
      }
      expect((await send({ method: 'POST', url: '/', body: noise(400 * KIB) })).text).to.equal(String(400 * KIB))
      open()
      for (const answer of await Promise.all(held)) expect(answer.text).to.equal(String(400 * KIB))
      await sleep(20)
      for (let i = 0; i < 5; i++) expect((await send(ask('gzip', body))).text).to.equal(String(400 * KIB))
      expect(log.filter(({ level }) => level === 'error')).to.be.empty
    },
    { inflate: { maxBytes: 1000 * KIB } },
  )

  describe('slowly', () => {
    /** Sends a body without its last byte. Resolves when the server has it. */
    async function sendSlowly(port: number, body: Buffer, headers: Record<string, string> = {}) {
      const fields = { 'content-encoding': 'gzip', ...headers }
      const request = http.request({ port, host: '127.0.0.1', method: 'POST', path: '/slow', headers: fields })
      request.on('error', () => {}).write(body.subarray(0, -1))
      await until(() => received >= body.length - 1, 'the server has it')
      return request
    }

    let received = 0
    const bindSlow = (server: Server) => {
      bind(server)
      received = 0
      server.post('/slow', (request) => {
        request.raw.on('data', (chunk: Buffer) => (received += chunk.length))
        return request.bytes()
      })
    }

    overHttp1(
      'makes room for others after a second, which one that has arrived need not',
      (server) => {
        const { opened, open } = gate()
        bindSlow(server)
        server.post('/held', async (request: Request) => {
          const { length } = await request.bytes()
          await opened
          return String(length)
        })
        return open
      },
      async (send, open, { port }) => {
        const body = gzipSync(noise(400 * KIB))
        const held = send(ask('gzip', body, '/held'))
        const slow = await sendSlowly(port, body)
        const statuses: (number | undefined)[] = []
        slow.on('response', ({ statusCode }) => statuses.push(statusCode))
        const others: number[] = []
        while (statuses.length === 0) others.push((await send(ask('gzip', body))).status)
        expect([others[0], ...statuses, others.at(-1)]).to.deep.equal([413, 413, 200])
        expect((await send(ask('gzip', body))).status).to.equal(200)
        slow.destroy()
        open()
        expect((await held).text).to.equal(String(400 * KIB))
      },
      { inflate: { maxBytes: 1000 * KIB } },
    )

    overHttp1(
      'is not held once it has made room, though its client is still waited for',
      bindSlow,
      async (send, _world, { port }) => {
        const body = gzipSync(noise(7 * MIB))
        const before = await heldBytes()
        const slow = await sendSlowly(port, body, { connection: 'close' })
        try {
          expect((await heldBytes()) - before).to.be.above(6 * MIB)
          while ((await send(ask('gzip', body))).status !== 200) await sleep(1)
          expect((await heldBytes()) - before).to.be.below(3 * MIB)
        } finally {
          slow.destroy()
        }
      },
      { inflate: { maxBytes: 12 * MIB } },
    )
  })

  it('takes little memory where it is a bomb: a hundred at a time', async function () {
    this.timeout(20_000)
    const server = new Server({ logger: { debug() {}, info() {}, warn() {}, error() {} } })
    bind(server)
    const send = sendByInject(server)
    const bomb = brotliCompressSync(Buffer.alloc(32 * MIB))
    expect(bomb.length).to.be.below(500)
    let peak = 0
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 1)
    await sleep(10)
    const before = process.memoryUsage.rss()
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(ask('br', bomb))))
    clearInterval(timer)
    for (const { status } of answers) expect(status).to.equal(413)
    expect((peak - before) / MIB).to.be.below(300)
  })

  it('has options that are checked', () => {
    for (const inflate of [{ maxBytes: -1 }, { maxRatio: 0 }, { maxRatios: 1 }, true, 1]) {
      expect(
        thrownBy(() => new Server({ inflate: inflate as never })),
        JSON.stringify(inflate),
      ).to.be.instanceOf(ConfigError)
    }
  })
})
