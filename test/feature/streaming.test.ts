import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { bothWays, gate, openRaw, overHttp1, rawExchange, turns, until } from './both-ways.ts'

/** Streams without an end, each of which counts what is taken from it and notes its end. */
function endless(server: Server) {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  const seen = { chunks: 0, ended: 0, left: false }
  const left = gate()
  async function* generate() {
    try {
      for (;;) {
        seen.chunks++
        yield chunk
      }
    } finally {
      seen.ended++
    }
  }
  server.get('/generator', () => generate())
  server.get('/readable', () => Readable.from(generate()))
  server.get('/web', () => {
    const source = generate()
    return new ReadableStream({
      async pull(controller) {
        controller.enqueue((await source.next()).value)
      },
      cancel: () => source.return(undefined).then(() => {}),
    })
  })
  server.bindHandler('/late', async (request) => {
    request.signal.addEventListener('abort', () => (seen.left = true))
    await left.opened
    return generate()
  })
  server.get('/next', () => 'next')
  return { seen, left }
}

describe('streaming', () => {
  for (const path of ['/generator', '/readable', '/web']) {
    overHttp1(
      `${path}: no more is taken than the client takes, and a client that leaves ends it`,
      endless,
      async (send, { seen }, { port }) => {
        const { socket } = await openRaw(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        socket.pause()
        await until(() => seen.chunks > 2, 'it flows')
        let before = -1
        // The buffers of the two ends fill up, then nothing moves.
        while (before !== seen.chunks) {
          before = seen.chunks
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
        expect(seen.chunks).to.be.lessThan(500)
        expect(seen.ended).to.equal(0)
        socket.destroy()
        await until(() => seen.ended === 1, 'the source has ended')
        expect((await send('/next')).text).to.equal('next')
      },
    )
  }

  overHttp1(
    'a client that left before anything went out has nothing read for it',
    endless,
    async (send, { seen, left }, { port }) => {
      const { socket } = await openRaw(port, 'GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await turns()
      socket.destroy()
      await until(() => seen.left, 'the server has seen it leave')
      left.open()
      await turns()
      expect(seen.chunks).to.equal(0)
      expect((await send('/next')).text).to.equal('next')
    },
  )

  bothWays(
    'HEAD, 204, 205 and 304 read nothing of a stream',
    (server) => {
      const read: string[] = []
      server.get('/file/:status', ({ params, response }) => {
        response.status = Number(params.status)
        return new Readable({
          read() {
            read.push(params.status)
            this.push(null)
          },
        })
      })
      return read
    },
    async (send, read) => {
      for (const [ask, status] of [
        ['HEAD /file/200', 200],
        ['/file/204', 204],
        ['/file/205', 205],
        ['/file/304', 304],
      ] as const) {
        const answer = await send(ask)
        expect([answer.status, answer.body.length], ask).to.deep.equal([status, 0])
      }
      expect(read).to.deep.equal([])
    },
  )

  bothWays(
    'a 205 has no content of a file either, and says so',
    (server) =>
      server.get('/file', ({ response }) => {
        response.status = 205
        return response.serveFile(import.meta.filename)
      }),
    async (send) => {
      const answer = await send('/file')
      expect([answer.status, answer.header('content-length'), answer.text]).to.deep.equal([205, '0', ''])
    },
  )

  bothWays(
    'a stream of just the length it announced arrives whole, however the length was set',
    (server) => {
      const stream = () => Readable.from(['123', '45'])
      server.get('/number', ({ response }) => {
        response.setHeader('Content-Length', 5)
        response.stream(stream())
      })
      server.get('/text', ({ response }) => {
        response.setHeader('content-length', '5')
        response.stream(stream())
      })
      server.get('/raw', ({ response }) => {
        response.raw.setHeader('Content-Length', '5')
        response.stream(stream())
      })
      server.get('/web', () => new Response('12345', { headers: { 'Content-Length': '5' } }))
      server.get('/file', ({ response }) => response.serveFile(import.meta.filename))
    },
    async (send, _world, { log }) => {
      for (const path of ['/number', '/text', '/raw', '/web']) {
        const answer = await send(path)
        expect([answer.status, answer.header('content-length'), answer.text], path).to.deep.equal([200, '5', '12345'])
      }
      const file = await send('/file')
      expect(file.header('content-length')).to.equal(String(file.body.length))
      expect(log).to.deep.equal([])
    },
  )

  overHttp1(
    'a stream longer or shorter than the length it announced cuts the connection',
    (server) => {
      for (const length of [3, 10]) {
        server.get(`/${length}`, ({ response }) => {
          response.setHeader('Content-Length', length)
          response.stream(Readable.from(['12345']))
        })
      }
      server.get('/next', () => 'next')
    },
    async (send, _world, { port }) => {
      for (const length of [3, 10]) {
        const answer = await rawExchange(port, `GET /${length} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        expect(answer.split('\r\n\r\n')[1]?.length ?? 0, String(length)).to.be.lessThan(length)
        expect((await send('/next')).text).to.equal('next')
      }
    },
  )
})
