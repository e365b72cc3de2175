import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import zlib from 'node:zlib'
import { expect } from 'chai'
import { compress, ConfigError } from 'tribind'
import { bothWays, callUntyped, gate, openRaw, overSocket, thrownBy, until } from './both-ways.ts'
import { askKeepingAlive } from './keep-alive.ts'
import { dechunk, readSlowly } from './slow-client.ts'

const long = 'a long text that repeats itself, with ünïcödé '.repeat(100)
const asking = (url: string, coding = 'gzip', method = 'GET') => ({
  url,
  method,
  headers: { 'accept-encoding': coding },
})

type Zstd = { zstdDecompressSync?: (data: Buffer) => Buffer }
const decoders: Record<string, ((data: Buffer) => Buffer) | undefined> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: (zlib as Zstd).zstdDecompressSync,
}
const decode = (coding: string | undefined, body: Buffer) => {
  const decoder = decoders[coding ?? '']
  return (decoder === undefined ? body : decoder(body)).toString()
}

describe('compress: what it encodes, and with what', () => {
  bothWays(
    'buffered and streamed bodies, with each coding',
    (server) => {
      server.use(compress())
      server.get('/text', () => long)
      server.get('/json', () => ({ long }))
      server.get('/bytes', (request) => {
        request.response.setHeader('Content-Type', 'image/svg+xml')
        return Buffer.from(long)
      })
      server.get('/stream', () => Readable.from([long, Buffer.from(long), { long }]))
      server.get('/after', (request) => {
        request.response.write('before ')
        request.response.setHeader('Content-Length', 3)
        return Readable.from([long])
      })
      server.get('/none', () => Readable.from([]))
    },
    async (send) => {
      const expected = {
        '/text': long,
        '/json': JSON.stringify({ long }),
        '/bytes': long,
        '/stream': long + long + JSON.stringify({ long }),
        '/after': 'before ' + long,
        '/none': '',
      }
      for (const coding of Object.keys(decoders)) {
        if (decoders[coding] === undefined) continue
        for (const [url, text] of Object.entries(expected)) {
          const { status, header, body } = await send(asking(url, coding))
          expect([status, header('content-encoding'), header('vary')], url).to.deep.equal([
            200,
            coding,
            'Accept-Encoding',
          ])
          expect(decode(coding, body), `${coding} ${url}`).to.equal(text)
          const isBuffered = ['/text', '/json', '/bytes'].includes(url)
          expect(header('content-length')).to.equal(isBuffered ? String(body.length) : undefined)
        }
      }
      expect((await send(asking('/text'))).header('content-type')).to.equal('text/plain; charset=utf-8')
      expect((await send(asking('/stream'))).header('content-type')).to.equal('text/plain; charset=utf-8')
    },
  )

  bothWays(
    'the coding that the client likes best, then ours',
    (server) => {
      server.use(compress({ codings: ['br', 'gzip', 'deflate'] }))
      server.get('/', () => long)
    },
    async (send) => {
      const chosen: Record<string, string | undefined> = {
        'gzip, deflate, br, zstd': 'br',
        'gzip;q=1.0, br;q=0.5': 'gzip',
        'br;q=0, *': 'gzip',
        '*;q=0.1': 'br',
        'GZIP;Q=0.2': 'gzip',
        deflate: 'deflate',
        'gzip;q=0': undefined,
        'identity, gzip;q=0.5': undefined,
        'identity;q=0.5, gzip': 'gzip',
        'identity;q=0': undefined,
        compress: undefined,
        '': undefined,
        ',;,;q=,gzip;q=x': undefined,
      }
      for (const [accepted, coding] of Object.entries(chosen)) {
        const { status, header, body } = await send(asking('/', accepted))
        expect([status, header('content-encoding')], accepted).to.deep.equal([200, coding])
        expect(header('vary')).to.equal('Accept-Encoding')
        expect(decode(coding, body)).to.equal(long)
      }
      expect((await send('/')).header('content-encoding')).to.equal(undefined)
    },
  )

  bothWays(
    'not what is short, encoded, a part, of another type, or not to be transformed',
    (server) => {
      server.use(compress())
      const fields: Record<string, [string, string]> = {
        encoded: ['Content-Encoding', 'x-mine'],
        image: ['Content-Type', 'image/png'],
        fixed: ['Cache-Control', 'public, no-transform'],
        range: ['Content-Range', 'bytes 0-3/10'],
      }
      for (const [name, [field, value]] of Object.entries(fields)) {
        server.get(`/${name}`, (request) => {
          request.response.setHeader(field, value)
          if (name === 'range') request.response.status = 206
          return long
        })
      }
      server.get('/short', () => 'x'.repeat(1023))
      server.get('/enough', () => 'x'.repeat(1024))
      server.get('/octets', () => Buffer.from(long))
      server.get('/204', (request) => request.response.writeStatus(204, long))
      server.get('/304', (request) => {
        request.response.setHeader('ETag', '"1"')
        request.response.writeStatus(304, long)
      })
    },
    async (send) => {
      for (const url of ['/encoded', '/image', '/fixed', '/range', '/octets', '/short']) {
        const { header, text } = await send(asking(url))
        expect(header('content-encoding'), url).to.equal(url === '/encoded' ? 'x-mine' : undefined)
        expect(header('vary'), url).to.equal(undefined)
        expect(header('content-length'), url).to.equal(String(Buffer.byteLength(text)))
      }
      expect((await send(asking('/enough'))).header('content-encoding')).to.equal('gzip')
      const empty = await send(asking('/204'))
      expect([empty.status, empty.header('content-encoding'), empty.body.length]).to.deep.equal([204, undefined, 0])
      const same = await send(asking('/304'))
      expect([same.status, same.header('vary'), same.header('etag'), same.body.length]).to.deep.equal([
        304,
        'Accept-Encoding',
        '"1"',
        0,
      ])
    },
  )

  bothWays(
    'tags become weak, ranges are no longer offered, HEAD has the fields of GET, Vary is kept',
    (server) => {
      server.use(compress())
      server.get('/', (request) => {
        const { response } = request
        response.setHeader('ETag', '"1"')
        response.setHeader('Accept-Ranges', 'bytes')
        response.setHeader('Vary', 'Origin')
        return long
      })
      server.get('/stream', () => Readable.from([long]))
    },
    async (send) => {
      for (const method of ['GET', 'HEAD']) {
        const { header, body } = await send(asking('/', 'gzip', method))
        expect(header('etag')).to.equal('W/"1"')
        expect(header('vary')).to.equal('Origin, Accept-Encoding')
        expect(header('content-encoding')).to.equal('gzip')
        expect(header('accept-ranges')).to.equal(undefined)
        expect(header('content-length')).to.equal(method === 'GET' ? String(body.length) : undefined)
      }
      const plain = await send('/')
      expect([plain.header('etag'), plain.header('accept-ranges')]).to.deep.equal(['"1"', 'bytes'])
      expect((await send(asking('/stream', 'gzip', 'HEAD'))).body.length).to.equal(0)
    },
  )

  bothWays(
    'after every hook; also what exitAll and errors leave',
    (server) => {
      const seen: string[] = []
      server.use(compress(), compress())
      server.bindHookHandler('/*', 'BeforeOutput', ({ response }) => {
        seen.push(String(response.header('content-encoding')), response.buffer().toString().slice(0, 6))
        response.write('!')
      })
      server.bindStatusHandler(500, ({ response }) => response.write(`failed ${long}`))
      server.get('/text', () => long)
      server.get('/exit', (request) => {
        request.response.write(long)
        request.exitAll()
      })
      server.get('/fails', () => {
        throw new Error('secret')
      })
      return seen
    },
    async (send, seen) => {
      const texts = []
      for (const url of ['/text', '/exit', '/fails']) texts.push(decode('gzip', (await send(asking(url))).body))
      expect(texts).to.deep.equal([`${long}!`, long, `failed ${long}!`])
      expect(seen).to.deep.equal(['undefined', 'a long', 'undefined', 'failed'])
    },
  )

  it('names an option that it does not take', () => {
    const bad: [unknown, string][] = [
      [{ threshold: -1 }, 'threshold'],
      [{ threshold: '1kb' }, 'threshold'],
      [{ codings: [] }, 'codings'],
      [{ codings: ['compress'] }, 'codings'],
      [{ types: 'text/html' }, 'types'],
      [{ level: 9 }, 'level'],
      [null, 'options'],
    ]
    for (const [options, name] of bad) {
      const error = thrownBy(() => callUntyped({ compress }, 'compress', options))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(name)
    }
    expect(() => compress({ types: /^x\//g, threshold: 0, codings: ['gzip'] })).to.not.throw()
  })
})

describe('compress: streams', () => {
  overSocket(
    'each chunk arrives at once',
    (server) => {
      const next = gate()
      server.use(compress())
      server.get('/events', async (request) => {
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

  overSocket(
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

  overSocket(
    'a source that fails is an error before its first chunk, a cut after; a client that leaves ends the source',
    (server) => {
      const sources: Readable[] = []
      const stream = (produce: () => AsyncGenerator<string>) => () => {
        const source = Readable.from(produce())
        sources.push(source)
        return source
      }
      server.use(compress())
      // oxlint-disable-next-line require-yield
      server.get(
        '/before',
        stream(async function* () {
          await sleep(1)
          throw new Error('secret')
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

  overSocket(
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
      const texts = answers.map(({ headers, body }) => decode(headers['content-encoding'], body))
      expect(texts).to.deep.equal([long, long, long, 'Not Found', long])
      expect(answers.slice(1).every(({ isSameConnection }) => isSameConnection)).to.equal(true)
    },
  )
})
