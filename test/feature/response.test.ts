import { expect } from 'chai'
import type { Request } from 'tribind'
import { bothWays, overHttp1, rawExchange } from './both-ways.ts'

const text = 'text/plain; charset=utf-8'
const json = 'application/json; charset=utf-8'

/** One handler, and the body (and type) it must give. */
function gives(name: string, handler: (request: Request) => void, body: string, type?: string, url = '/x') {
  bothWays(
    name,
    (server) => {
      server.bindHandler('/x', (request) => {
        handler(request)
      })
    },
    async (send) => {
      const answer = await send({ url, headers: { referer: 'http://a.example/back' } })
      expect(answer.text).to.equal(body)
      expect(answer.header('content-length')).to.equal(String(Buffer.byteLength(body)))
      if (type !== undefined) expect(answer.header('content-type')).to.equal(type)
    },
  )
}

describe('response: writing', () => {
  gives('write takes several parts', ({ response }) => response.write('a', 'é', 'c'), 'aéc', text)
  gives('write of nothing', ({ response }) => response.write(), '')
  gives('write again and again', ({ response }) => ['a', 'b', 'c'].forEach((part) => response.write(part)), 'abc', text)
  gives(
    'write of bytes',
    ({ response }) => response.write(Buffer.from('a'), new Uint8Array([98]), new Uint16Array([25185])),
    'abab',
  )
  gives(
    'write of a Buffer is of its value now',
    ({ response }) => {
      const bytes = Buffer.from('before')
      response.write(bytes)
    },
    'before',
  )
  gives(
    'write of text, bytes and values, mixed',
    ({ response }) => {
      response.write('é', Buffer.from('b'), 'c')
      response.write(1)
      response.write(new Uint8Array([100]))
      response.write({ e: 2 }, 'f')
    },
    'ébc1d{"e":2}f',
  )
  gives(
    'write of numbers and booleans',
    ({ response }) => response.write(1, ' ', -0.5, ' ', true, ' ', false),
    '1 -0.5 true false',
  )
  gives('write of a value', ({ response }) => response.write({ a: [1, 'é'] }), '{"a":[1,"é"]}', json)
  gives('write of null', ({ response }) => response.write(null), 'null', json)
  gives('writeln', ({ response }) => response.writeln('a', 1), 'a1\n', text)
  gives('writeln of nothing', ({ response }) => response.writeln(), '\n', text)
  gives('writeJson', ({ response }) => response.writeJson({ name: 'john' }), '{"name":"john"}', json)
  gives('writeJson of a list', ({ response }) => response.writeJson([1, null]), '[1,null]', json)
  gives('writeJsonp without a callback', ({ response }) => response.writeJsonp({ name: 'john' }), '{"name":"john"}')
  gives('writeHtml', ({ response }) => response.writeHtml('<p>é</p>'), '<p>é</p>', 'text/html; charset=utf-8')
  gives(
    'writeOver drops what was there',
    ({ response }) => {
      response.write('before')
      response.writeOver('a', 'b')
    },
    'ab',
  )
  gives(
    'clearBuffer',
    ({ response }) => {
      response.write('before')
      response.clearBuffer()
    },
    '',
  )
  gives(
    'setBuffer and buffer',
    ({ response }) => {
      response.write('before')
      response.setBuffer('john')
      const buffer = response.buffer()
      if (!Buffer.isBuffer(buffer)) throw new Error('no Buffer')
      response.clearBuffer()
      response.write(buffer, response.buffer().length)
    },
    'john0',
  )
  gives('setBuffer of bytes', ({ response }) => response.setBuffer(Buffer.from('bytes')), 'bytes')

  bothWays(
    'writeJsonp with a callback',
    (server) => {
      server.bindHandler('/x', (request) => request.response.writeJsonp({ name: 'john' }))
    },
    async (send) => {
      expect((await send('/x?callback=show')).text).to.match(/\bshow\(\{"name":"john"\}\)/)
    },
  )
})

describe('response: status', () => {
  bothWays(
    'is 0 until set, and as it was set',
    (server) => {
      server.bindHandler('/set', (request) => {
        request.response.write(request.response.status)
        request.response.status = 203
      })
      server.bindHandler('/200', (request) => request.response.writeStatus(200))
      server.bindHandler('/403', (request) => request.response.writeStatus(403, 'not you'))
      server.bindHandler('/empty', (request) => request.response.writeStatus(404, ''))
      server.bindHandler('/418', (request) => request.response.writeStatus(418))
    },
    async (send) => {
      for (const [path, status, body] of [
        ['/set', 203, '0'],
        ['/200', 200, 'OK'],
        ['/403', 403, 'not you'],
        ['/418', 418, "I'm a Teapot"],
      ] as const) {
        const answer = await send(path)
        expect(answer.status, path).to.equal(status)
        expect(answer.text, path).to.equal(body)
      }
      expect((await send('/empty')).status).to.equal(404)
    },
  )

  overHttp1(
    '204 and 304 have no body and no byte after the head',
    (server) => {
      for (const status of [204, 304]) {
        server.bindHandler(`/${status}/text`, (request) => {
          request.response.status = status
          return 'body'
        })
        server.bindHandler(`/${status}/phrase`, (request) => request.response.writeStatus(status))
        server.bindHandler(`/${status}/stream`, async function* (request) {
          request.response.status = status
          yield 'body'
        })
      }
    },
    async (_send, _world, { port }) => {
      for (const path of ['/204/text', '/204/phrase', '/204/stream', '/304/text', '/304/phrase', '/304/stream']) {
        const answer = await rawExchange(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
        expect(answer.slice(0, 12), path).to.equal(`HTTP/1.1 ${path.slice(1, 4)}`)
        expect(answer.indexOf('\r\n\r\n'), path).to.equal(answer.length - 4)
        expect(answer, path).to.not.match(/transfer-encoding/i)
        if (path.startsWith('/204')) expect(answer, path).to.not.match(/content-length/i)
      }
    },
  )

  bothWays(
    '204 by inject and by a client',
    (server) => {
      server.bindHandler('/x', (request) => {
        request.response.status = 204
        return 'body'
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(204)
      expect(answer.body).to.have.length(0)
    },
  )
})

describe('response: streams', () => {
  bothWays(
    'stream() sends the source, with status, type and headers as set',
    (server) => {
      server.bindHandler('/x', ({ response }) => {
        response.status = 206
        response.setHeader('content-type', 'text/csv')
        response.stream(
          (async function* () {
            yield 'a,'
            await new Promise((resolve) => setImmediate(resolve))
            yield Buffer.from('b')
          })(),
        )
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(206)
      expect(answer.header('content-type')).to.equal('text/csv')
      expect(answer.text).to.equal('a,b')
    },
  )

  bothWays(
    'sent tells when the answer is out',
    (server) => {
      const seen: boolean[] = []
      server.bindHandler('/x', ({ response }) => {
        seen.push(response.sent)
        response.write('x')
      })
      server.bindHookHandler('/x', 'AfterOutput', ({ response }) => {
        seen.push(response.sent)
      })
      return seen
    },
    async (send, seen) => {
      expect((await send('/x')).text).to.equal('x')
      expect(seen[0]).to.equal(false)
    },
  )
})
