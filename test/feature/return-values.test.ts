import { expect } from 'chai'
import { Readable } from 'node:stream'
import { bothWays, openRaw, overHttp1, turns, until } from './both-ways.ts'
import type { Answer } from './both-ways.ts'

const text = 'text/plain; charset=utf-8'
const json = 'application/json; charset=utf-8'

async function* generate(...parts: (string | Uint8Array)[]) {
  for (const part of parts) {
    await new Promise((resolve) => setImmediate(resolve))
    yield part
  }
}

const webStream = (...parts: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part))
      controller.close()
    },
  })

interface Case {
  make: () => unknown
  body: string | Buffer
  type?: string
  check?: (answer: Answer) => void
}

const big = 'é'.repeat(300_000)

const cases: Record<string, Case> = {
  'a string': { make: () => 'grüße', body: 'grüße', type: text },
  'an empty string': { make: () => '', body: '' },
  'a Buffer': { make: () => Buffer.from([0, 255, 10, 128]), body: Buffer.from([0, 255, 10, 128]) },
  'a typed array': { make: () => new Uint8Array([1, 2, 200]), body: Buffer.from([1, 2, 200]) },
  'a view into a larger buffer': { make: () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3), body: Buffer.from([2, 3]) },
  'a number': { make: () => 42.5, body: '42.5' },
  zero: { make: () => 0, body: '0' },
  true: { make: () => true, body: 'true' },
  false: { make: () => false, body: 'false' },
  'an object': { make: () => ({ a: 1, b: [true, null, 'ü'] }), body: '{"a":1,"b":[true,null,"ü"]}', type: json },
  'an array': { make: () => [1, 'a'], body: '[1,"a"]', type: json },
  null: { make: () => null, body: 'null', type: json },
  'a Date': { make: () => new Date(0), body: '"1970-01-01T00:00:00.000Z"', type: json },
  'something with toJSON': { make: () => ({ toJSON: () => ({ x: 1 }) }), body: '{"x":1}', type: json },
  undefined: { make: () => undefined, body: '' },
  'a Readable': { make: () => Readable.from(['ab', 'cd']), body: 'abcd' },
  'an empty Readable': { make: () => Readable.from([]), body: '' },
  'a big Readable': { make: () => Readable.from([big, big]), body: big + big },
  'a web ReadableStream': { make: () => webStream('ab', 'cd'), body: 'abcd' },
  'an async generator': { make: () => generate('ab', 'c', 'd'), body: 'abcd' },
  'an async generator of bytes': {
    make: () => generate(new Uint8Array([1]), Buffer.from([255])),
    body: Buffer.from([1, 255]),
  },
  'an async iterable': { make: () => ({ [Symbol.asyncIterator]: () => generate('x', 'y') }), body: 'xy' },
  'a web Response': {
    make: () => new Response('response', { status: 202, headers: { 'x-thing': 'some', 'content-type': 'text/x-own' } }),
    body: 'response',
    type: 'text/x-own',
    check: (answer) => {
      expect(answer.status).to.equal(202)
      expect(answer.header('x-thing')).to.equal('some')
    },
  },
  'a web Response with several cookies': {
    make: () => {
      const headers = new Headers()
      headers.append('set-cookie', 'a=1; Path=/')
      headers.append('set-cookie', 'b=2; Expires=Wed, 21 Oct 2035 07:28:00 GMT')
      return new Response('x', { headers })
    },
    body: 'x',
    check: (answer) => {
      expect(answer.headerAll('set-cookie')).to.deep.equal([
        'a=1; Path=/',
        'b=2; Expires=Wed, 21 Oct 2035 07:28:00 GMT',
      ])
    },
  },
  'a web Response that streams': { make: () => new Response(webStream('a', 'b', 'c')), body: 'abc' },
  'a web Response without a body': {
    make: () => new Response(null, { status: 204 }),
    body: '',
    check: (answer) => expect(answer.status).to.equal(204),
  },
  'a web redirect': {
    make: () => Response.redirect('http://a.example/there', 307),
    body: '',
    check: (answer) => {
      expect(answer.status).to.equal(307)
      expect(answer.header('location')).to.equal('http://a.example/there')
    },
  },
  'Response.json': { make: () => Response.json({ a: 1 }), body: '{"a":1}', type: 'application/json' },
}

describe('return values', () => {
  for (const [name, { make, body, type, check }] of Object.entries(cases)) {
    bothWays(
      `${name}, plainly and promised`,
      (server) => {
        server.bindHandler('/sync', () => make())
        server.bindHandler('/async', async () => {
          await Promise.resolve()
          return make()
        })
        server.bindObject('/object', { show: () => make() })
        server.bindMiddleware('/middleware', () => make())
        server.bindHandler('/middleware', () => 'never')
      },
      async (send) => {
        // A middleware that returns nothing at all has not answered.
        const paths = ['/sync', '/async', '/object/show', ...(name === 'undefined' ? [] : ['/middleware'])]
        for (const path of paths) {
          const answer = await send(path)
          if (check) check(answer)
          else expect(answer.status, path).to.equal(200)
          expect(answer.body.equals(Buffer.from(body)), `${path}: ${answer.text.slice(0, 100)}`).to.equal(true)
          if (type !== undefined) expect(answer.header('content-type'), path).to.equal(type)
        }
      },
    )
  }

  bothWays(
    'what is returned comes after what was written',
    (server) => {
      server.bindHandler('/x', (request) => {
        request.response.write('a')
        return 'b'
      })
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('ab')
    },
  )

  bothWays(
    'a type that was set stays, for values and for streams',
    (server) => {
      server.bindHandler('/text', (request) => {
        request.response.setHeader('Content-Type', 'text/csv')
        return 'a,b'
      })
      server.bindHandler('/value', (request) => {
        request.response.setHeader('Content-Type', 'application/ld+json')
        return { a: 1 }
      })
      server.bindHandler('/stream', (request) => {
        request.response.status = 206
        request.response.setHeader('Content-Type', 'text/event-stream')
        return generate('data: 1\n\n', 'data: 2\n\n')
      })
    },
    async (send) => {
      expect((await send('/text')).header('content-type')).to.equal('text/csv')
      expect((await send('/value')).header('content-type')).to.equal('application/ld+json')
      const stream = await send('/stream')
      expect(stream.status).to.equal(206)
      expect(stream.header('content-type')).to.equal('text/event-stream')
      expect(stream.text).to.equal('data: 1\n\ndata: 2\n\n')
    },
  )

  bothWays(
    'what JSON cannot hold is a 500',
    (server) => {
      server.bindHandler('/circle', () => {
        const circle: { self?: unknown } = {}
        circle.self = circle
        return circle
      })
      server.bindHandler('/bigint', () => ({ big: 1n }))
    },
    async (send) => {
      for (const path of ['/circle', '/bigint']) {
        const answer = await send(path)
        expect(answer.status, path).to.equal(500)
        expect(answer.text).to.equal('Internal Server Error')
      }
    },
  )

  bothWays(
    'BeforeServe to BeforeOutput run before a stream begins, AfterOutput after its end',
    (server) => {
      const seen: string[] = []
      for (const event of [
        'BeforeServe',
        'AfterServe',
        'BeforePatch',
        'AfterPatch',
        'BeforeOutput',
        'AfterOutput',
      ] as const) {
        server.bindHookHandler('/*', event, (request) => {
          seen.push(event)
          if (event === 'BeforePatch') request.response.setHeader('x-late', '1')
        })
      }
      server.bindHandler('/x', async function* () {
        yield 'a'
        await new Promise((resolve) => setTimeout(resolve, 2))
        seen.push('last')
        yield 'b'
      })
      return seen
    },
    async (send, seen) => {
      const answer = await send('/x')
      expect(answer.text).to.equal('ab')
      expect(answer.header('x-late')).to.equal('1')
      expect(seen.slice(0, 5)).to.deep.equal(['BeforeServe', 'AfterServe', 'BeforePatch', 'AfterPatch', 'BeforeOutput'])
      expect(seen[5]).to.equal('last')
    },
  )

  overHttp1(
    'a client that reads slowly holds the source back',
    (server) => {
      let parts = 0
      server.bindHandler('/x', async function* () {
        for (;;) {
          parts++
          yield Buffer.alloc(1 << 20)
        }
      })
      return () => parts
    },
    async (_send, parts, { port }) => {
      const { socket } = await openRaw(port, 'GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n')
      socket.pause()
      let before = -1
      await until(() => {
        const stalled = parts() > 0 && parts() === before
        before = parts()
        return stalled || parts() > 200
      }, 'the source waits')
      await turns(50)
      socket.destroy()
      expect(parts()).to.be.lessThan(200)
    },
  )
})
