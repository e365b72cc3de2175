import { Readable } from 'node:stream'
import { expect } from 'chai'
import { CookieError, type Request, ResponseError } from 'tribind'
import { bothWays, type Entry } from './both-ways.ts'

const errorsOf = (log: Entry[]) => log.flatMap(({ fields }) => (fields as { error?: unknown } | undefined)?.error ?? [])

const createForm = () => {
  const form = new FormData()
  form.append('name', 'Ännchen')
  form.append('file', new File(['a,b'], 'a.csv', { type: 'text/csv' }))
  return form
}

function* letters() {
  yield 'a'
  yield Buffer.from('b')
  yield { c: 1 }
}

/** What is sent of a value, returned and written. */
const sent: Record<string, { make: () => unknown; body: string; type: string; length?: string }> = {
  'a Blob': { make: () => new Blob(['a,b'], { type: 'text/csv' }), body: 'a,b', type: 'text/csv', length: '3' },
  'a Blob without a type': { make: () => new Blob(['ab']), body: 'ab', type: 'application/octet-stream', length: '2' },
  'an empty Blob': { make: () => new Blob([]), body: '', type: 'text/plain; charset=utf-8', length: '0' },
  'a File': {
    make: () => new File(['<p>'], 'a.html', { type: 'text/html' }),
    body: '<p>',
    type: 'text/html',
    length: '3',
  },
  URLSearchParams: {
    make: () => new URLSearchParams({ a: '1', b: 'é &' }),
    body: 'a=1&b=%C3%A9+%26',
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
    length: '16',
  },
  'a sync generator': { make: letters, body: 'ab{"c":1}', type: 'text/plain; charset=utf-8' },
  'an iterator of a Map': { make: () => new Map([['a', 1]]).keys(), body: 'a', type: 'text/plain; charset=utf-8' },
  'a Readable': { make: () => Readable.from(['ab']), body: 'ab', type: 'text/plain; charset=utf-8' },
  'an object of a class': { make: () => new (class Empty {})(), body: '{}', type: 'application/json; charset=utf-8' },
  'an object without a prototype': {
    make: () => Object.create(null),
    body: '{}',
    type: 'application/json; charset=utf-8',
  },
}

/** What is refused, and what the message advises. */
const refused: Record<string, [make: () => unknown, advice: string]> = {
  'a Map': [() => new Map([['a', 1]]), 'Object.fromEntries'],
  'a Set': [() => new Set([1]), '[...set]'],
  'an Error': [() => new Error('secret'), 'throw it'],
  'an Error with fields': [() => Object.assign(new TypeError('secret'), { code: 'E' }), 'throw it'],
  'a promise': [() => Promise.resolve(1), 'await it'],
  'a RegExp': [() => /x/, 'JSON'],
  Headers: [() => new Headers({ a: '1' }), 'JSON'],
  'a WeakMap': [() => new WeakMap(), 'JSON'],
  'a function': [() => () => 1, 'JSON'],
  'a class': [() => class Thing {}, 'JSON'],
  'a symbol': [() => Symbol('x'), 'JSON'],
}

/** What is refused inside of another value, and what the message says. */
const nestedRefused: [make: () => unknown, ...parts: string[]][] = [
  [() => ({ a: new Map([['a', 1]]) }), 'at "a"', 'Map', 'Object.fromEntries'],
  [() => ({ list: [{}, { set: new Set([1]) }] }), 'at "list[1].set"', '[...set]'],
  [() => [[new Error('secret')]], 'at "[0][0]"', 'its message'],
  [() => ({ a: new Blob(['x']) }), 'at "a"', 'Blob', 'its text'],
  [() => ({ a: createForm() }), 'at "a"', 'FormData', 'Object.fromEntries'],
  [() => ({ a: new URLSearchParams('a=1') }), 'at "a"', 'URLSearchParams', 'Object.fromEntries'],
  [() => ({ 'a b': { c: new Headers() } }), 'at "a b.c"', 'Headers', 'Object.fromEntries'],
  [() => ({ a: Promise.resolve(1) }), 'at "a"', 'await it'],
  [() => ({ a: { toJSON: () => ({ b: new Map() }) } }), 'at "a.b"', 'Map'],
]

/** What goes out inside of another value although `{}` is in its text, and how. */
const nestedSent: [make: () => unknown, body: string][] = [
  [() => ({ a: {}, b: Object.create(null), c: new (class Empty {})() }), '{"a":{},"b":{},"c":{}}'],
  [
    () => ({ text: '{}', date: new Date(0), boxed: Object('') }),
    '{"text":"{}","date":"1970-01-01T00:00:00.000Z","boxed":""}',
  ],
  [() => ({ a: Object.assign(new Map(), { toJSON: () => ({}) }) }), '{"a":{}}'],
  [() => ({ a: [[], {}], b: { toJSON: () => [{}] } }), '{"a":[[],{}],"b":[{}]}'],
]

describe('values as bodies', () => {
  for (const [name, { make, body, type, length }] of Object.entries(sent)) {
    bothWays(
      `${name} goes out, returned, promised, written and after a middleware`,
      (server) => {
        server.get('/returned', () => make())
        server.get('/promised', async () => make())
        server.get('/written', ({ response }) => response.write(make()))
        server.bindMiddleware('/middleware', () => make())
        server.get('/middleware', () => 'never')
        server.get('/typed', ({ response }) => {
          response.setHeader('Content-Type', 'text/x-own')
          return make()
        })
      },
      async (send) => {
        for (const path of ['/returned', '/promised', '/written', '/middleware']) {
          const answer = await send(path)
          expect([answer.status, answer.text, answer.header('content-type')], path).to.deep.equal([200, body, type])
          if (length !== undefined) expect(answer.header('content-length'), path).to.equal(length)
          if (length !== undefined) expect((await send(`HEAD ${path}`)).header('content-length')).to.equal(length)
        }
        expect((await send('/typed')).header('content-type')).to.equal('text/x-own')
      },
    )
  }

  bothWays(
    'FormData goes out as multipart/form-data with its boundary',
    (server) => {
      server.get('/returned', createForm)
      server.get('/written', ({ response }) => response.write(createForm()))
    },
    async (send) => {
      for (const path of ['/returned', '/written']) {
        const answer = await send(path)
        const type = answer.header('content-type') as string
        expect(type).to.match(/^multipart\/form-data; boundary=/)
        const form = await new Response(answer.body, { headers: { 'content-type': type } }).formData()
        expect(form.get('name')).to.equal('Ännchen')
        const file = form.get('file') as File
        expect([file.name, file.type, await file.text()]).to.deep.equal(['a.csv', 'text/csv', 'a,b'])
      }
    },
  )

  bothWays(
    'what JSON has no text for is refused wherever it is written, with what to do instead',
    (server) => {
      const act: Record<string, (request: Request, value: unknown) => unknown> = {
        write: ({ response }, value) => response.write(value),
        writeln: ({ response }, value) => response.writeln(value),
        writeJson: ({ response }, value) => response.writeJson(value),
        writeJsonp: ({ response }, value) => response.writeJsonp(value),
        writeOver: ({ response }, value) => response.writeOver(value),
        chunk: async function* (_, value) {
          yield value
        },
      }
      for (const [name, call] of Object.entries(act)) {
        for (const [at, [make]] of Object.values(refused).entries())
          server.get(`/${name}/${at}`, (request) => call(request, make()))
      }
      for (const [at, [make]] of Object.values(refused).entries()) server.get(`/return/${at}`, () => [make()][0])
      return Object.keys(act)
    },
    async (send, names, { log }) => {
      for (const [at, [what, [, advice]]] of Object.entries(refused).entries()) {
        for (const name of names) {
          // An iterable of promises is one of their values.
          if (name === 'chunk' && what === 'a promise') continue
          log.length = 0
          const label = `${name} of ${what}`
          const answer = await send(`/${name}/${at}?callback=show`)
          expect([answer.status, answer.text], label).to.deep.equal([500, 'Internal Server Error'])
          expect(errorsOf(log)[0], label).to.be.instanceOf(ResponseError).with.property('message').that.includes(advice)
        }
        const isPromise = what === 'a promise'
        expect((await send(`/return/${at}`)).status, what).to.equal(isPromise ? 200 : 500)
      }
    },
  )

  bothWays(
    'what JSON would keep nothing of is refused inside of other values too, with its place',
    (server) => {
      for (const [at, [make]] of nestedRefused.entries()) {
        server.get(`/return/${at}`, () => make())
        server.get(`/chunk/${at}`, async function* () {
          yield make()
        })
      }
    },
    async (send, _world, { log }) => {
      for (const [at, [, ...parts]] of nestedRefused.entries()) {
        for (const name of ['return', 'chunk']) {
          log.length = 0
          const answer = await send(`/${name}/${at}`)
          const label = `${name} with ${parts.join(' ')}`
          expect([answer.status, answer.text], label).to.deep.equal([500, 'Internal Server Error'])
          const [error] = errorsOf(log)
          expect(error, label).to.be.instanceOf(ResponseError)
          for (const part of parts) expect((error as Error).message).to.include(part)
        }
      }
    },
  )

  bothWays(
    'values of which JSON keeps what there is go out inside of other values',
    (server) => {
      for (const [at, [make]] of nestedSent.entries()) server.get(`/${at}`, () => make())
    },
    async (send) => {
      for (const [at, [, body]] of nestedSent.entries()) expect((await send(`/${at}`)).text).to.equal(body)
    },
  )

  bothWays(
    'stream() takes what can be iterated, and refuses anything else',
    (server) => {
      server.get('/array', ({ response }) => response.stream(['a', 'b']))
      server.get('/set', ({ response }) => response.stream(new Set(['a', 'b'])))
      for (const [at, value] of [undefined, null, 1, 'text', {}, Promise.resolve(1), () => 1].entries())
        server.get(`/${at}`, ({ response }) => response.stream(value as never))
    },
    async (send, _world, { log }) => {
      expect((await send('/array')).text).to.equal('ab')
      expect((await send('/set')).text).to.equal('ab')
      for (let at = 0; at < 7; at++) {
        log.length = 0
        expect((await send(`/${at}`)).status, String(at)).to.equal(500)
        expect(errorsOf(log)[0], String(at)).to.be.instanceOf(ResponseError)
      }
    },
  )

  bothWays(
    'arguments that would be misread are refused',
    (server) => {
      const calls: ((request: Request) => unknown)[] = [
        ...[undefined, null, {}, [undefined], new Date(0), Number.NaN, Symbol('x'), () => 1, ['a', null]].flatMap(
          (value) => [
            ({ response }: Request) => response.setHeader('X-User', value as never),
            ({ response }: Request) => response.addHeader('X-User', value as never),
          ],
        ),
        ({ response }) => response.writeHtml(undefined as never),
        ({ response }) => response.writeHtml({} as never),
        ({ response }) => response.setBuffer(undefined as never),
        ({ response }) => response.setBuffer({ a: 1 } as never),
        ({ response }) => response.redirectTo(undefined as never),
        ({ response }) => response.redirectTo({} as never),
        ({ response }) => response.redirectTo(new URL('file:///etc/passwd')),
        ({ response }) => response.serveFileDownload('package.json', { root: '.' } as never),
      ]
      for (const [at, call] of calls.entries()) server.get(`/${at}`, (request) => call(request))
      return calls.length
    },
    async (send, count, { log }) => {
      for (let at = 0; at < count; at++) {
        log.length = 0
        const answer = await send(`/${at}`)
        expect([answer.status, answer.header('x-user'), answer.header('location')], String(at)).to.deep.equal([
          500,
          undefined,
          undefined,
        ])
        expect(errorsOf(log)[0], String(at))
          .to.be.instanceOf(ResponseError)
          .with.property('message')
          .that.includes('got')
      }
    },
  )

  bothWays(
    'a cookie takes text for its value, and only the options there are',
    (server) => {
      const calls: ((request: Request) => unknown)[] = [
        ...[undefined, null, {}, ['a'], Number.NaN, Symbol('x'), new Date(0)].map(
          (value) =>
            ({ cookie }: Request) =>
              cookie.set('user', value as never),
        ),
        ({ cookie }) => cookie.set('user', 'a', { maxage: 5 } as never),
        ({ cookie }) => cookie.set('user', 'a', { maxAge: '5' } as never),
        ({ cookie }) => cookie.set('user', 'a', { httpOnly: 'false' } as never),
        ({ cookie }) => cookie.set('user', 'a', { secure: 'auto' } as never),
        ({ cookie }) => cookie.set('user', 'a', { expires: 5 } as never),
        ({ cookie }) => cookie.set('user', 'a', { sameSite: true } as never),
        ({ cookie }) => cookie.set('user', 'a', { signed: 'yes' } as never),
        ({ cookie }) => cookie.remove('user', { Path: '/' } as never),
        ({ cookie }) => cookie.get('user', { sign: true } as never),
        ({ cookie }) => cookie.get('user', true as never),
      ]
      for (const [at, call] of calls.entries()) server.get(`/${at}`, (request) => call(request))
      server.get('/good', ({ cookie }) => {
        cookie.set('count', 3 as never)
        cookie.set('strict', 'a', { sameSite: 'Strict' as never, maxAge: -1, path: undefined as never })
      })
      return calls.length
    },
    async (send, count, { log }) => {
      for (let at = 0; at < count; at++) {
        log.length = 0
        const answer = await send(`/${at}`)
        expect([answer.status, answer.headerAll('set-cookie')], String(at)).to.deep.equal([500, []])
        expect(errorsOf(log)[0], String(at)).to.be.instanceOf(CookieError)
      }
      const lines = (await send('/good')).headerAll('set-cookie')
      expect(lines[0]).to.match(/^count=3; Path=\/;/)
      expect(lines[1]).to.match(/^strict=a; Max-Age=-1; Path=\/;.*SameSite=Strict/)
    },
  )

  bothWays(
    'redirectTo takes a URL',
    (server) => {
      server.get('/x', ({ response }) => response.redirectTo(new URL('https://a.example/é?q=1'), 303))
    },
    async (send) => {
      const answer = await send('/x')
      expect([answer.status, answer.header('location')]).to.deep.equal([303, 'https://a.example/%C3%A9?q=1'])
    },
  )
})
