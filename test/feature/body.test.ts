import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Request, Server } from 'tribind'
import { type Ask, bothWays, type Send } from './both-ways.ts'

const json = { 'content-type': 'application/json' }
const post = (body: string | Uint8Array, headers: Record<string, string> = {}): Ask => ({
  method: 'POST',
  url: '/',
  headers,
  body,
})

/** Answers every case as it says, and the next request too. */
async function expectAll(send: Send, cases: Record<string, [Ask, number, unknown?]>): Promise<void> {
  for (const [name, [ask, status, text]] of Object.entries(cases)) {
    const answer = await send(ask)
    expect(answer.status, `${name}: ${answer.text}`).to.equal(status)
    if (text !== undefined) expect(answer.text, name).to.equal(text)
    expect((await send('/alive')).text, `after ${name}`).to.equal('alive')
  }
}

function bind(server: Server, handler: (request: Request) => unknown): void {
  server.all('/', handler)
  server.get('/alive', () => 'alive')
}

describe('text()', () => {
  bothWays(
    'decodes by the charset, UTF-8 by default, without a byte order mark',
    (server) => bind(server, async (request) => JSON.stringify(await request.text())),
    async (send) => {
      const plain = (charset: string) => ({ 'content-type': `text/plain; charset=${charset}` })
      await expectAll(send, {
        empty: [{ url: '/' }, 200, '""'],
        'no type': [post('ä€😀'), 200, '"ä€😀"'],
        'a type that can not be read': [post('ä', { 'content-type': 'nonsense' }), 200, '"ä"'],
        'UTF-8 with a mark': [post('\ufeffä', plain('UTF-8')), 200, '"ä"'],
        'quoted UTF-16': [post(Buffer.from('\ufeffä😀', 'utf16le'), plain('"utf-16le"')), 200, '"ä😀"'],
        latin1: [post(Buffer.from('äß', 'latin1'), plain('latin1')), 200, '"äß"'],
        'a charset that nobody knows': [post('a', plain('klingon')), 415, 'The charset of the body is not supported'],
        'bytes that are no UTF-8': [post(Buffer.from([0x61, 0xff])), 400, 'The body is not utf-8'],
        'a UTF-8 text cut short': [post(Buffer.from('ä').subarray(0, 1)), 400],
      })
    },
  )
})

describe('json()', () => {
  bothWays(
    'parses JSON and its relatives, and nothing else',
    (server) => bind(server, async (request) => ({ is: await request.json() })),
    async (send, _, { log }) => {
      await expectAll(send, {
        object: [post('{"a":[1,{}]}', json), 200, '{"is":{"a":[1,{}]}}'],
        text: [post('"a"', json), 200, '{"is":"a"}'],
        null: [post('null', json), 200, '{"is":null}'],
        'with a mark': [post('\ufeff{}', json), 200, '{"is":{}}'],
        'case and parameters': [post('1', { 'content-type': 'Application/JSON;charset=utf-8' }), 200],
        'a type on JSON': [post('1', { 'content-type': 'application/problem+json' }), 200],
        broken: [post('{"a":', json), 400, 'The body ends too early, at line 1, column 6'],
        empty: [post('', json), 400, 'The body is empty, not JSON'],
        'no body': [{ url: '/' }, 400],
        'other text': [post('{}', { 'content-type': 'text/plain' }), 415, 'The body must be JSON'],
        'no type': [post('{}'), 415],
        'a type like JSON': [post('{}', { 'content-type': 'application/jsonp' }), 415],
        'two types': [post('{}', { 'content-type': 'application/json, text/plain' }), 415],
        'broken UTF-8': [post(Buffer.from([0x22, 0xff, 0x22]), json), 400],
      })
      expect(log.filter(({ level }) => level === 'error')).to.be.empty
    },
  )

  bothWays(
    'refuses names that reach a prototype',
    (server) =>
      bind(server, async (request) => {
        const value = await request.json()
        return { value, polluted: Reflect.get({}, 'polluted') ?? null }
      }),
    async (send) => {
      await expectAll(send, {
        __proto__: [
          post('{"__proto__":{"polluted":1}}', json),
          400,
          'The body is JSON with a forbidden name: "__proto__", or "constructor" with "prototype" in it',
        ],
        nested: [post('{"a":[{"__proto__":{"polluted":1}}]}', json), 400],
        escaped: [post(String.raw`{"\u005f_proto__":{"polluted":1}}`, json), 400],
        'constructor.prototype': [post('{"constructor":{"prototype":{"polluted":1}}}', json), 400],
        'constructor alone': [post('{"constructor":1,"prototype":2}', json), 200],
        'in a text': [post('{"a":"__proto__"}', json), 200, '{"value":{"a":"__proto__"},"polluted":null}'],
      })
    },
  )
})

describe('bytes() and body', () => {
  const data = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256))

  for (const [name, read] of Object.entries({
    bytes: (request: Request) => request.bytes(),
    body: (request: Request) => request.body,
    'body, collected': async (request: Request) => Buffer.concat(await request.body.toArray()),
  })) {
    bothWays(
      `${name} gives what was sent, inflated`,
      (server) => bind(server, read),
      async (send) => {
        const encoded = {
          '': data,
          identity: data,
          gzip: gzipSync(data),
          'X-GZIP': gzipSync(data),
          deflate: deflateSync(data),
          br: brotliCompressSync(data),
        }
        for (const [encoding, body] of Object.entries(encoded)) {
          const answer = await send(post(body, encoding === '' ? {} : { 'content-encoding': encoding }))
          expect(answer.status, encoding).to.equal(200)
          expect(answer.body.equals(data), encoding).to.be.true
        }
        expect((await send('/')).body).to.have.length(0)
      },
    )

    bothWays(
      `${name} refuses what can't be inflated`,
      (server) => bind(server, read),
      async (send, _, { log }) => {
        const encoding = (name: string) => ({ 'content-encoding': name })
        const unsupported = 'The body must be encoded with gzip, deflate or br, or not at all'
        await expectAll(send, {
          unknown: [post('a', encoding('zip')), 415, unsupported],
          several: [post('a', encoding('gzip, br')), 415],
          'a name of every object': [post('a', encoding('constructor')), 415],
          'no gzip': [post('not gzip', encoding('gzip')), 400, 'The body can not be inflated'],
          'no br': [post('not brotli at all', encoding('br')), 400],
          'no deflate': [post('not deflate', encoding('deflate')), 400],
          // An echo has begun by then.
          ...(name !== 'body' && {
            'cut short': [post(gzipSync(data).subarray(0, 1000), encoding('gzip')), 400] as [Ask, number],
          }),
        })
        expect(log.filter(({ level }) => level === 'error')).to.be.empty
      },
    )
  }
})

describe('a body', () => {
  bothWays(
    'is read once and gives the same to all who ask',
    (server) =>
      bind(server, async (request) => {
        const text = await request.text()
        const values = [await request.json(), await request.json()]
        const bytes = await request.bytes()
        return { text, isSame: values[0] === values[1], bytes: bytes.toString(), again: await request.text() }
      }),
    async (send) => {
      const answer = await send(post('{"a":1}', json))
      expect(answer.json()).to.deep.equal({ text: '{"a":1}', isSame: true, bytes: '{"a":1}', again: '{"a":1}' })
    },
  )

  bothWays(
    'is either streamed or read',
    (server) => {
      const codeOf = async (act: () => unknown) => {
        try {
          await act()
          return 'none'
        } catch (error) {
          return (error as { code?: string }).code
        }
      }
      server.post('/streamed', async (request) => {
        const isSame = request.body === request.body
        return [
          isSame,
          await codeOf(() => request.text()),
          await codeOf(() => request.form()),
          await codeOf(() => request.json()),
        ]
      })
      server.post('/read', async (request) => [await request.text(), await codeOf(() => request.body)])
    },
    async (send) => {
      const code = 'ERR_TRIBIND_STATE'
      expect((await send({ ...post('1', json), url: '/streamed' })).json()).to.deep.equal([
        true,
        code,
        'ERR_TRIBIND_HTTP',
        code,
      ])
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      expect((await send({ ...post('a=1', form), url: '/streamed' })).json()).to.deep.equal([
        true,
        code,
        code,
        'ERR_TRIBIND_HTTP',
      ])
      expect((await send({ ...post('a'), url: '/read' })).json()).to.deep.equal(['a', code])
    },
  )

  bothWays(
    'says what it was read by, to those who read it in another way',
    (server) => {
      const messageOf = async (act: () => unknown): Promise<string> => {
        try {
          await act()
        } catch (error) {
          return (error as Error).message
        }
        return 'none'
      }
      server.post('/streamed', (request) => {
        if (request.body === undefined) return 'none'
        return messageOf(() => request.json())
      })
      server.post('/form', async (request) => {
        await request.form()
        return [await messageOf(() => request.text()), await messageOf(() => request.body)]
      })
      server.post('/read', async (request) => {
        await request.text()
        return messageOf(() => request.body)
      })
    },
    async (send) => {
      expect((await send({ ...post('{}', json), url: '/streamed' })).text).to.equal(
        'request.body was already used, which returns the body as a stream: json(), text(), bytes() and forms can no longer read it. Use one of them',
      )
      const form = { 'content-type': 'multipart/form-data; boundary=b' }
      const both = (await send({ ...post('--b--', form), url: '/form' })).json() as string[]
      expect(new Set(both)).to.deep.equal(
        new Set([
          'the form was already read by form(), file() or files(), which do not keep its bytes: read it in one way only',
        ]),
      )
      expect((await send({ ...post('{}', json), url: '/read' })).text).to.equal(
        'the body was already read by json(), text(), bytes() or a form: request.body can no longer stream it. Use one of them',
      )
    },
  )

  bothWays(
    'is gone once the request is answered',
    (server) => {
      const failures: unknown[] = []
      server.bindHookHandler('/', 'AfterClose', async (request) => {
        await request.text().catch((error: unknown) => failures.push((error as { code: unknown }).code))
      })
      server.post('/', () => 'done')
      return failures
    },
    async (send, failures) => {
      expect((await send(post('a'))).text).to.equal('done')
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(failures).to.deep.equal(['ERR_TRIBIND_STATE'])
    },
  )
})

describe('get(name)', () => {
  bothWays(
    'looks at what was set, the params, the parsed body, the query',
    (server) => {
      server.all('/:a', async (request) => {
        const before = request.get('b')
        if (request.header('content-type') === 'application/json') await request.json()
        else await request.form()
        request.setParam('z', 'custom')
        const names = ['a', 'b', 'c', 'd', 'z', 'toString', '__proto__', 'constructor']
        return { before, ...Object.fromEntries(names.map((name) => [`_${name}`, request.get(name)])) }
      })
    },
    async (send) => {
      const url = '/p?a=q&b=q&c=q&c=r&z=q'
      const fromJson = await send({ method: 'POST', url, headers: json, body: '{"a":"j","b":[1,2],"d":null,"z":1}' })
      const expected = { before: 'q', _a: 'p', _b: [1, 2], _c: 'r', _d: null, _z: 'custom' }
      expect(fromJson.json()).to.deep.equal(expected)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const fromForm = await send({ method: 'POST', url, headers, body: 'a=f&b=1&b=2&d=&z=f' })
      expect(fromForm.json()).to.deep.equal({ ...expected, _b: '2', _d: '' })
    },
  )
})
