import { expect } from 'chai'
import type { Request, Server } from 'tribind'
import { type Ask, bothWays } from './both-ways.ts'
import { encodeMultipart, multipart, type Part } from './multipart-body.ts'

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' }

function bind(server: Server): void {
  server.all('/', async (request: Request) => {
    const form = await request.form()
    const isBare = Object.getPrototypeOf(form) === null
    return { form: Object.fromEntries(Object.entries(form)), isBare, isSame: form === (await request.form()) }
  })
  server.get('/alive', () => 'alive')
}

const ask = (body: string | Uint8Array, headers: Record<string, string>): Ask => ({
  method: 'POST',
  url: '/',
  headers,
  body,
})
const part = (name: string, content: string | Uint8Array): Part => ({ name, content })

describe('form(), urlencoded', () => {
  const good: Record<string, [string | Buffer, object, string?]> = {
    'one field': ['a=1', { a: '1' }],
    'several of one name': ['a=1&b=2&a=3&a=', { a: ['1', '3', ''], b: '2' }],
    'no value, no name, nothing': ['a&&=b&', { a: '', '': 'b' }],
    escapes: ['%61%3D+b=%26%2b+%C3%A4', { 'a= b': '&+ ä' }],
    'UTF-8 as it is': ['ä=€', { ä: '€' }],
    'escapes that are none': ['a=100%&b=%zz%4', { a: '100%', b: '%zz%4' }],
    'names of every object': [
      'constructor=1&prototype=2&toString=3',
      { constructor: '1', prototype: '2', toString: '3' },
    ],
    'a byte order mark': ['\ufeffa=1', { a: '1' }],
    latin1: ['a=%e4', { a: 'ä' }, 'latin1'],
    'bytes of latin1': [Buffer.from('a=ä', 'latin1'), { a: 'ä' }, 'iso-8859-1'],
    empty: ['', {}],
  }
  for (const [name, [body, form, charset]] of Object.entries(good)) {
    bothWays(`reads ${name}`, bind, async (send) => {
      const type = `${urlencoded['content-type']}${charset === undefined ? '' : `; charset=${charset}`}`
      expect((await send(ask(body, { 'content-type': type }))).json()).to.deep.equal({
        form,
        isBare: true,
        isSame: true,
      })
    })
  }

  bothWays('is empty where there is no body', bind, async (send) => {
    expect((await send('/')).json()).to.deep.include({ form: {} })
  })

  const bad: Record<string, [Ask, number, string]> = {
    'bytes that are no UTF-8': [ask('a=%ff', urlencoded), 400, 'The body is not utf-8'],
    __proto__: [ask('__proto__=1', urlencoded), 400, 'The form has a field with a forbidden name'],
    '__proto__, escaped': [ask('%5f_proto__=1', urlencoded), 400, 'The form has a field with a forbidden name'],
    'a charset that nobody knows': [
      ask('a=1', { 'content-type': `${urlencoded['content-type']};charset=x` }),
      415,
      'The charset of the body is not supported',
    ],
    'UTF-16': [
      ask('a=1', { 'content-type': `${urlencoded['content-type']};charset=utf-16` }),
      415,
      'A form can not be in UTF-16',
    ],
    JSON: [ask('{}', { 'content-type': 'application/json' }), 415, 'The body must be a form'],
    'no type': [ask('a=1', {}), 415, 'The body must be a form'],
    'too many fields': [ask('a&b&c&d', urlencoded), 413, 'The form has more than 3 fields (upload.maxFields)'],
    'too large a field': [
      ask('a=12345678901', urlencoded),
      413,
      'The form has a field larger than 10 bytes (upload.maxFieldSize)',
    ],
    'too long a name': [
      ask('abcdefghijk=1', urlencoded),
      413,
      'The form has a name longer than 9 characters (upload.maxNameLength)',
    ],
  }
  for (const [name, [request, status, text]] of Object.entries(bad)) {
    bothWays(
      `refuses ${name}`,
      bind,
      async (send, _, { log }) => {
        const answer = await send(request)
        expect([answer.status, answer.text]).to.deep.equal([status, text])
        expect((await send('/alive')).text).to.equal('alive')
        expect(log.filter(({ level }) => level === 'error')).to.be.empty
      },
      { upload: { maxFields: 3, maxFieldSize: 10, maxNameLength: 9 } },
    )
  }
})

describe('form(), multipart', () => {
  const good: Record<string, [Part[], object]> = {
    'one field': [[part('a', '1')], { a: '1' }],
    'several of one name': [[part('a', '1'), part('b', '\r\n--'), part('a', '3')], { a: ['1', '3'], b: '\r\n--' }],
    'UTF-8': [[part('ä', '€😀')], { ä: '€😀' }],
    'a field with a type': [[{ ...part('a', '{}'), type: 'application/json' }], { a: '{}' }],
    'bytes with a type and no file name': [[{ ...part('a', 'x'), type: 'application/octet-stream' }], { a: 'x' }],
    'a field in latin1': [
      [{ ...part('a', Buffer.from('ä', 'latin1')), type: 'text/plain; charset=latin1' }],
      { a: 'ä' },
    ],
    'names of every object': [[part('constructor', '1'), part('prototype', '2')], { constructor: '1', prototype: '2' }],
    'an empty field': [[part('a', '')], { a: '' }],
    nothing: [[], {}],
  }
  for (const [name, [parts, form]] of Object.entries(good)) {
    bothWays(`reads ${name}`, bind, async (send) => {
      const answer = await send(ask(encodeMultipart(parts), multipart))
      expect(answer.json(), answer.text).to.deep.equal({ form, isBare: true, isSame: true })
    })
  }

  bothWays(
    'works from bytes that were read before, but is not kept for others',
    (server) => {
      server.post('/before', async (request) => [(await request.text()).length, await request.form()])
      server.post('/after', async (request) => {
        await request.form()
        return request.text().catch((error: unknown) => (error as { code: unknown }).code)
      })
    },
    async (send) => {
      const body = encodeMultipart([part('a', '1')])
      expect((await send({ ...ask(body, multipart), url: '/before' })).json()).to.deep.equal([body.length, { a: '1' }])
      expect((await send({ ...ask(body, multipart), url: '/after' })).text).to.equal('ERR_TRIBIND_STATE')
    },
  )

  const whole = encodeMultipart([part('a', '1')])
  const bad: Record<string, [Ask, number, string?]> = {
    'no boundary': [ask(whole, { 'content-type': 'multipart/form-data' }), 400],
    'an empty boundary': [ask(whole, { 'content-type': 'multipart/form-data; boundary=' }), 400],
    'a boundary that is too long': [
      ask(whole, { 'content-type': `multipart/form-data; boundary=${'b'.repeat(300)}` }),
      400,
    ],
    'a boundary that is not allowed': [ask(whole, { 'content-type': 'multipart/form-data; boundary="a\\"b"' }), 400],
    'another boundary': [ask(whole, { 'content-type': 'multipart/form-data; boundary=other' }), 400],
    'an empty body': [ask('', multipart), 400],
    'an end that is missing': [ask(whole.subarray(0, -20), multipart), 400, 'The form can not be read'],
    'an end in the head of a part': [ask(whole.subarray(0, 60), multipart), 400, 'The form can not be read'],
    'a part without a name': [
      ask(encodeMultipart([{ content: 'a' }]), multipart),
      400,
      'The form has a part without a name',
    ],
    'a file without a name': [ask(encodeMultipart([{ filename: 'a', content: 'a' }]), multipart), 400],
    __proto__: [ask(encodeMultipart([part('__proto__', '1')]), multipart), 400],
    'a file __proto__': [ask(encodeMultipart([{ ...part('__proto__', '1'), filename: 'a' }]), multipart), 400],
    'too many fields': [
      ask(encodeMultipart(['a', 'b', 'c', 'd'].map((name) => part(name, '1'))), multipart),
      413,
      'The form has more than 3 fields (upload.maxFields)',
    ],
    'too many parts': [
      ask(encodeMultipart(Array.from({ length: 200 }, () => ({ ...part('a', ''), filename: '' }))), multipart),
      413,
    ],
    'too large a field': [
      ask(encodeMultipart([part('a', '12345678901')]), multipart),
      413,
      'The form has a field larger than 10 bytes (upload.maxFieldSize)',
    ],
    'too long a name': [
      ask(encodeMultipart([part('abcdefghijk', '')]), multipart),
      413,
      'The form has a name longer than 9 characters (upload.maxNameLength)',
    ],
    'multipart of another kind': [ask(whole, { 'content-type': 'multipart/mixed; boundary=b' }), 415],
  }
  for (const [name, [request, status, text]] of Object.entries(bad)) {
    bothWays(
      `refuses ${name}`,
      bind,
      async (send, _, { log }) => {
        const answer = await send(request)
        expect(answer.status, answer.text).to.equal(status)
        if (text !== undefined) expect(answer.text).to.equal(text)
        expect((await send('/alive')).text).to.equal('alive')
        expect(log.filter(({ level }) => level === 'error')).to.be.empty
      },
      { upload: { maxFields: 3, maxFieldSize: 10, maxNameLength: 9 } },
    )
  }
})
