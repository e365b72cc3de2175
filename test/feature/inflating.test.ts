import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ConfigError, type Request, Server } from 'tribind'
import { type Ask, bothWays, gate, overSocket, sendByInject, thrownBy, until } from './both-ways.ts'

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
