import { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { expect } from 'chai'
import { compress, ConfigError } from 'tribind'
import { bothWays, callUntyped, thrownBy } from './both-ways.ts'

const long = 'a long text that repeats itself, with ünïcödé '.repeat(100)
const date = 'Mon, 01 Jan 2024 00:00:00 GMT'
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
        response.setHeader('Last-Modified', date)
        response.setHeader('Vary', 'Origin')
        return long
      })
      server.get('/dated', (request) => {
        request.response.setHeader('Last-Modified', date)
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
        expect(header('last-modified')).to.equal(undefined)
        expect(header('content-length')).to.equal(method === 'GET' ? String(body.length) : undefined)
      }
      const plain = await send('/')
      expect([plain.header('etag'), plain.header('accept-ranges')]).to.deep.equal(['"1"', 'bytes'])
      expect(plain.header('last-modified')).to.equal(date)
      expect((await send(asking('/dated'))).header('last-modified'), 'no ranges').to.equal(date)
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
