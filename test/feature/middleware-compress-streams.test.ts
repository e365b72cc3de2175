import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import zlib from 'node:zlib'
import { expect } from 'chai'
import { compress } from 'tribind'
import { gate, openRaw, overHttp1, until } from './both-ways.ts'
import { askKeepingAlive } from './keep-alive.ts'
import { dechunk, readSlowly } from './slow-client.ts'

const long = 'a long text that repeats itself '.repeat(100)
const asking = (url: string) => ({ url, headers: { 'accept-encoding': 'gzip' } })

describe('compress: streams', () => {
  overHttp1(
    'each chunk arrives at once',
    (server) => {
      const next = gate()
      server.use(compress())
      server.bindHandler('/events', async (request) => {
        request.response.setHeader('Content-Type', 'text/event-stream')
        return (async function* () {
          yield 'data: 1\n\n'
          await next.opened
          yield 'data: 2\n\n'
        })()
      })
      return next
    },
    async (_send, next, { port }) => {
      for (const coding of ['gzip', 'br']) {
        const incoming = await fetch(`http://127.0.0.1:${port}/events`, { headers: { 'accept-encoding': coding } })
        const reader = incoming.body?.getReader()
        const first = await reader?.read()
        expect(Buffer.from(first?.value ?? []).toString()).to.equal('data: 1\n\n')
        expect(incoming.headers.get('content-encoding')).to.equal(coding)
        next.open()
        const second = await reader?.read()
        expect(Buffer.from(second?.value ?? []).toString()).to.equal('data: 2\n\n')
        expect((await reader?.read())?.done).to.equal(true)
      }
    },
  )

  overHttp1(
    'a slow client gets it all, and no more is read than it takes; AfterOutput comes after',
    (server) => {
      const ran: string[] = []
      server.use(compress())
      server.bindHookHandler('/*', 'AfterOutput', () => ran.push('AfterOutput'))
      server.get('/stream', () =>
        (async function* () {
          // What random bytes there are don't become smaller.
          for (let i = 0; i < 200; i++)
            yield Buffer.from(zlib.gzipSync(`${i}${Math.random()}`.repeat(50)))
              .toString('hex')
              .repeat(50)
          ran.push('read')
        })(),
      )
      return ran
    },
    async (_send, ran, { port, log }) => {
      const body = await readSlowly(port, 'GET /stream HTTP/1.1\nHost: a\nAccept-Encoding: gzip\nConnection: close')
      expect(zlib.gunzipSync(dechunk(body)).length).to.be.greaterThan(200_000)
      await until(() => ran.length === 2, 'all is over')
      expect(ran).to.deep.equal(['read', 'AfterOutput'])
      expect(log).to.deep.equal([])
    },
  )

  overHttp1(
    'a source that fails is an error before its first chunk, a cut after; a client that leaves ends the source',
    (server) => {
      const sources: Readable[] = []
      const stream = (produce: () => AsyncGenerator<string>) => () => {
        const source = Readable.from(produce())
        sources.push(source)
        return source
      }
      server.use(compress())
      server.get(
        '/before',
        stream(async function* () {
          await sleep(1)
          if (sources.length > 0) throw new Error('secret')
          yield long
        }),
      )
      server.get(
        '/after',
        stream(async function* () {
          yield long
          await sleep(5)
          throw new Error('secret')
        }),
      )
      server.get(
        '/endless',
        stream(async function* () {
          for (;;) {
            yield long
            await sleep(1)
          }
        }),
      )
      server.get('/next', () => 'next')
      return sources
    },
    async (send, sources, { port }) => {
      const before = await send(asking('/before'))
      expect([before.status, before.text]).to.deep.equal([500, 'Internal Server Error'])
      const code = await send(asking('/after')).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      )
      expect(code).to.equal('ECONNRESET')
      const { socket, received } = await openRaw(
        port,
        'GET /endless HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n',
      )
      await until(() => received().length > 300, 'something has come')
      socket.destroy()
      await until(() => sources.every((source) => source.destroyed), 'all sources are destroyed')
      expect((await send('/next')).text).to.equal('next')
    },
  )

  overHttp1(
    'the connection is kept',
    (server) => {
      server.use(compress())
      server.get('/text', () => long)
      server.get('/stream', () => Readable.from([long]))
    },
    async (_send, _world, { port }) => {
      const urls = ['/text', '/stream', '/text', '/none', '/stream']
      const answers = await askKeepingAlive(
        port,
        urls.map((url) => asking(url)),
      )
      const texts = answers.map(({ headers, body }) =>
        (headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(body) : body).toString(),
      )
      expect(texts).to.deep.equal([long, long, long, 'Not Found', long])
      expect(answers.slice(1).every(({ isSameConnection }) => isSameConnection)).to.equal(true)
    },
  )
})
