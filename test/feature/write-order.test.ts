import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { compress, type Request, ResponseError, type Server } from 'tribind'
import { bothWays, type Entry } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The places around an endpoint where an application writes, in the order of the calls. */
const around = {
  'a hook of BeforeServe': 'before',
  'a middleware before next()': 'before',
  'the handler, before': 'before',
  'the handler, after': 'after',
  'a middleware after next()': 'after',
  'a hook of AfterServe': 'after',
  'a status handler': 'after',
  'a hook of BeforePatch': 'after',
  'a hook of AfterPatch': 'after',
  'a hook of BeforeOutput': 'after',
} as const

type Place = keyof typeof around

/** Writes `<2>` at one place around a handler that does `begin`. */
function writeAt(server: Server, path: string, place: Place, begin: (request: Request) => unknown): void {
  const write = ({ response, path: asked }: Request) => {
    if (asked === path) response.write('<2>')
  }
  server.bindMiddleware(path, async (request, next) => {
    if (place === 'a middleware before next()') write(request)
    await next()
    if (place === 'a middleware after next()') write(request)
  })
  server.get(path, async (request) => {
    if (place === 'the handler, before') write(request)
    await begin(request)
    if (place === 'the handler, after') write(request)
  })
  const event = /^a hook of (\w+)$/.exec(place)?.[1]
  if (event !== undefined) server.bindHookHandler(path, event as 'BeforeServe', write)
  if (place === 'a status handler') {
    server.bindStatusHandler(200, write)
    server.bindStatusHandler(206, write)
  }
}

const errorsOf = (log: Entry[]) => log.flatMap(({ fields }) => (fields as { error?: unknown } | undefined)?.error ?? [])

describe('the order of what is written', () => {
  let file = ''

  before(() => {
    file = `${temporaryFolder({ 'six.txt': '0123456789' })}/six.txt`
  })

  const sources: Record<string, () => AsyncIterable<unknown> | Iterable<unknown>> = {
    'a generator': async function* () {
      yield 'str'
      yield 'eam'
    },
    'a sync generator': function* () {
      yield 'str'
      yield 'eam'
    },
    'a Readable': () => Readable.from(['str', 'eam']),
    'a web stream': () => new Blob(['stream']).stream(),
    'an empty stream': () => Readable.from([]),
  }

  for (const [place, order] of Object.entries(around) as [Place, 'before' | 'after'][]) {
    bothWays(
      `${place} writes ${order} a stream`,
      (server) => {
        let at = 0
        for (const create of Object.values(sources))
          writeAt(server, `/${at++}`, place, ({ response }) => response.stream(create()))
      },
      async (send) => {
        for (const [at, name] of Object.keys(sources).entries()) {
          const streamed = name === 'an empty stream' ? '' : 'stream'
          const answer = await send(`/${at}`)
          expect([answer.status, answer.text], name).to.deep.equal([
            200,
            order === 'before' ? `<2>${streamed}` : `${streamed}<2>`,
          ])
        }
      },
    )

    bothWays(
      `${place} writes nothing into a file`,
      (server) => {
        writeAt(server, '/awaited', place, ({ response }) => response.serveFile(file))
        writeAt(server, '/not', place, ({ response }) => void response.serveFile(file))
        server.get('/next', () => 'next')
      },
      async (send, _world, { log }) => {
        for (const [path, headers] of [
          ['/awaited', {}],
          ['/awaited', { range: 'bytes=0-4' }],
          ['/not', { range: 'bytes=0-4' }],
        ] as [string, Record<string, string>][]) {
          log.length = 0
          const answer = await send({ url: path, headers })
          const isRange = headers['range'] !== undefined
          if (order === 'before') {
            expect([answer.status, answer.text], path).to.deep.equal(isRange ? [206, '01234'] : [200, '0123456789'])
            expect(log).to.deep.equal([])
            continue
          }
          expect([answer.status, answer.header('content-range'), answer.header('etag')], path).to.deep.equal([
            500,
            undefined,
            undefined,
          ])
          expect(errorsOf(log)[0], path).to.be.instanceOf(ResponseError).with.property('message').that.includes('file')
        }
        expect((await send('/next')).text).to.equal('next')
      },
    )
  }

  bothWays(
    'HEAD of a file is refused as its GET is, where something is written beside it',
    (server) => writeAt(server, '/file', 'a middleware after next()', ({ response }) => response.serveFile(file)),
    async (send) => {
      expect((await send('HEAD /file')).status).to.equal(500)
    },
  )

  bothWays(
    'a text that follows a text and a stream keeps its place',
    (server) => {
      server.get('/x', ({ response }) => {
        response.write('a')
        response.writeJson([1])
        response.stream(Readable.from(['b']))
        response.writeln('c', Buffer.from('d'), { e: 1 })
        return 'f'
      })
      server.get('/blob', ({ response }) => response.write('a', new Blob(['bc']), 'd'))
      server.bindHookHandler('/x', 'BeforeOutput', ({ response }) => {
        response.setHeader('X-Buffer', response.buffer().toString().replace('\n', '|'))
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.text).to.equal('a[1]bcd{"e":1}\nf')
      expect(answer.header('x-buffer')).to.equal('a[1]cd{"e":1}|f')
      const blob = await send('/blob')
      expect([blob.text, blob.header('content-length')]).to.deep.equal(['abcd', '4'])
      expect((await send('HEAD /blob')).header('content-length')).to.equal('4')
    },
  )

  bothWays(
    'the order is that of a compressed body, too',
    (server) => {
      server.use(compress({ threshold: 0 }))
      server.get('/x', ({ response }) => {
        response.write('a')
        response.stream(Readable.from(['b', 'c']))
        response.write('d')
      })
    },
    async (send) => {
      const answer = await send({ url: '/x', headers: { 'accept-encoding': 'gzip' } })
      expect(answer.header('content-encoding')).to.equal('gzip')
      expect(gunzipSync(answer.body).toString()).to.equal('abcd')
    },
  )

  bothWays(
    'a generator that writes before its first chunk writes before it',
    (server) => {
      server.get('/x', async function* ({ response }) {
        response.write('first ')
        yield 'second'
      })
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('first second')
    },
  )

  bothWays(
    'a second stream, or one beside a file, is refused and ended',
    (server) => {
      const sources: Readable[] = []
      const create = () => {
        const source = Readable.from(['x'])
        sources.push(source)
        return source
      }
      server.get('/two', ({ response }) => {
        response.stream(create())
        response.stream(create())
      })
      server.get('/file', async ({ response }) => {
        await response.serveFile(file)
        return create()
      })
      server.get('/instead', ({ response }) => {
        response.stream(create())
        response.clearBuffer()
        response.stream(create())
      })
      return sources
    },
    async (send, sources, { log }) => {
      for (const path of ['/two', '/file']) {
        log.length = 0
        expect((await send(path)).status, path).to.equal(500)
        expect(errorsOf(log)[0], path)
          .to.be.instanceOf(ResponseError)
          .with.property('message')
          .that.includes('clearBuffer')
      }
      expect((await send('/instead')).text).to.equal('x')
      expect(sources.map(({ destroyed }) => destroyed)).to.deep.equal(sources.map(() => true))
    },
  )

  bothWays(
    'what takes the place of a file takes along nothing of it',
    (server) => {
      const replace: Record<string, (request: Request) => unknown> = {
        writeOver: ({ response }) => response.writeOver('other'),
        clearBuffer: ({ response }) => {
          response.clearBuffer()
          response.write('other')
        },
        setBuffer: ({ response }) => response.setBuffer('other'),
        Response: () => new Response('other'),
        fail: ({ response }) => response.setHeader('Bad Name', 'x'),
      }
      for (const [name, act] of Object.entries(replace)) {
        server.get(`/${name}`, ({ response }) => response.serveFileDownload(file))
        server.bindMiddleware(`/${name}`, async (request, next) => {
          await next()
          return act(request)
        })
      }
    },
    async (send) => {
      for (const [name, status, type] of [
        ['writeOver', 200, 'text/plain; charset=utf-8'],
        ['clearBuffer', 200, 'text/plain; charset=utf-8'],
        ['setBuffer', 200, 'text/plain; charset=utf-8'],
        ['Response', 200, 'text/plain;charset=UTF-8'],
        ['fail', 500, 'text/plain; charset=utf-8'],
      ] as const) {
        for (const headers of [{}, { range: 'bytes=0-4' }, { 'if-none-match': '*' }] as Record<string, string>[]) {
          const answer = await send({ url: `/${name}`, headers })
          const label = `${name} ${JSON.stringify(headers)}`
          expect([answer.status, answer.text], label).to.deep.equal([
            status,
            status === 500 ? 'Internal Server Error' : 'other',
          ])
          expect(answer.header('content-type'), label).to.equal(type)
          for (const field of [
            'etag',
            'last-modified',
            'content-range',
            'accept-ranges',
            'cache-control',
            'content-disposition',
          ])
            expect(answer.header(field), `${label} ${field}`).to.equal(undefined)
        }
      }
    },
  )

  bothWays(
    'a file that fails while the handler goes on, unawaited, fails the request',
    (server) => {
      server.get('/x', async ({ response }) => {
        void response.serveFile(`${file}.missing`)
        await new Promise((resolve) => setTimeout(resolve, 30))
      })
    },
    async (send) => {
      expect((await send('/x')).status).to.equal(404)
    },
  )
})
