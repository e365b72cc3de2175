import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { HttpError, Server } from 'tribind'
import { bothWays, collectingLogger, type Entry, overHttp1 } from './both-ways.ts'

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const local = { accept: browser, host: 'localhost' }
const options = { errorPage: true }

function failing(server: Server): void {
  server.bindMiddleware('/books/*', function count(_request, next) {
    return next()
  })
  server.bindHookHandler('/books/*', 'BeforeServe', function checkBooks() {})
  server.get('/books/:id', function showBook() {
    throw new Error('no table', { cause: new TypeError('the cause', { cause: 'a text' }) })
  })
  server.get('/lent', () => {
    throw new HttpError(409, 'It is lent')
  })
  server.get('/many', () => {
    throw new AggregateError([new Error('one of two'), new Error('two of two')], 'both')
  })
  server.get('/message', ({ query }) => {
    throw new Error(String(query['text']))
  })
}

describe('the option errorPage', () => {
  bothWays(
    'shows browsers the error, its causes, source, the request and what it passes',
    failing,
    async (send, _world, { log }) => {
      const { status, text, header } = await send({ url: '/books/7?page=2', headers: local })
      expect(status).to.equal(500)
      expect(header('content-type')).to.equal('text/html; charset=utf-8')
      expect(header('cache-control')).to.equal('no-store')
      expect(header('vary')).to.equal('Accept')
      expect(text).to.include('<h2>Error: no table</h2>').and.include('<h2>Caused by TypeError: the cause</h2>')
      expect(text).to.include('Caused by &#39;a text&#39;')
      expect(text).to.match(/<mark> *\d+ {2} {4}throw new Error\(&#39;no table&#39;/)
      expect(text).to.match(/showBook.*\/books\/:id \(\S+error-page\.test\.ts:\d+\)/)
      expect(text)
        .to.match(/<td>count<\/td><td>\/books\/\* \(/)
        .and.match(/<td>BeforeServe checkBooks<\/td>/)
      expect(text).to.include('<td>id</td><td>7</td>').and.include('<td>page</td><td>2</td>')
      const failed = log.filter(({ level }) => level === 'error')
      expect(failed.map(({ message }) => message)).to.deep.equal(['GET /books/7 failed'])

      const lent = await send({ url: '/lent', headers: local })
      expect([lent.status, lent.text.includes('<h2>HttpError: It is lent</h2>')]).to.deep.equal([409, true])
      const many = await send({ url: '/many', headers: local })
      expect(many.text).to.include('one of two').and.include('two of two')
    },
    options,
  )

  bothWays(
    'shows nothing to clients that prefer something else or name nothing, and nothing where there is no error',
    failing,
    async (send) => {
      expect((await send({ url: '/none', headers: local })).text).to.equal('Not Found')
      const fields = [undefined, '*/*', 'text/*', 'application/json', 'application/json, text/html', 'text/html;q=0']
      for (const accept of fields) {
        const headers = { host: 'localhost', ...(accept !== undefined && { accept }) }
        expect((await send({ url: '/books/7', headers })).text, accept).to.equal('Internal Server Error')
      }
    },
    options,
  )

  bothWays(
    'lets status handlers and problems go before it',
    (server) => {
      failing(server)
      server.bindStatusHandler(409, ({ response }) => response.write('handled'))
    },
    async (send) => {
      expect((await send({ url: '/lent', headers: local })).text).to.equal('handled')
      const { header } = await send({ url: '/books/7', headers: { ...local, accept: 'text/html, application/json' } })
      expect(header('content-type')).to.equal('application/problem+json')
      expect((await send({ url: '/books/7', headers: local })).text).to.include('no table')
    },
    { ...options, problems: true },
  )

  bothWays(
    'is for requests of this machine alone, and not for scripts',
    failing,
    async (send) => {
      const refused = [
        { host: 'evil.example' },
        { host: '192.0.2.1' },
        { host: 'localhost.evil.example' },
        { 'x-forwarded-for': '127.0.0.1' },
        { forwarded: 'for=127.0.0.1' },
        { 'x-real-ip': '192.0.2.1' },
        { via: '1.1 proxy' },
        { 'sec-fetch-mode': 'cors' },
      ]
      for (const fields of refused) {
        const { text } = await send({ url: '/books/7', headers: { ...local, ...fields } })
        expect(text, JSON.stringify(fields)).to.equal('Internal Server Error')
      }
      for (const host of ['127.0.0.1:80', '[::1]', 'shop.localhost', 'shop.test', 'LOCALHOST:1'])
        expect((await send({ url: '/books/7', headers: { ...local, host } })).text, host).to.include('no table')
    },
    options,
  )

  bothWays(
    'believes a trusted proxy which client it is for',
    failing,
    async (send) => {
      const from = async (address: string) =>
        (await send({ url: '/books/7', headers: { ...local, 'x-forwarded-for': address } })).text
      expect(await from('192.0.2.1')).to.equal('Internal Server Error')
      expect(await from('127.0.0.1')).to.include('no table')
    },
    { ...options, trustProxy: 1 },
  )

  bothWays(
    'hides what requests authenticate with, wherever it appears',
    (server) =>
      server.get('/reset/:token', ({ headers, params, query }) => {
        throw new Error(`sent: ${headers.authorization} ${headers.cookie} ${params.token} ${String(query['api_key'])}`)
      }),
    async (send) => {
      const { text } = await send({
        url: '/reset/secret-1?api_key=secret-2&a=1',
        headers: {
          ...local,
          authorization: 'Bearer secret-3',
          cookie: 'id=secret-4',
          'x-api-key': 'secret-5',
          'x-csrf-token': 'secret-6',
          referer: 'http://localhost/reset/secret-1?api_key=secret-2',
        },
      })
      expect(text).to.include('Error: sent:').and.include('[hidden]').and.include('<td>a</td><td>1</td>')
      expect(text).to.not.match(/secret-\d/)
    },
    options,
  )

  bothWays(
    'escapes hostile text, runs no script and loads nothing',
    failing,
    async (send) => {
      const hostile = `</style></pre><script>alert(1)</script><img src=x onerror="alert('2')">`
      const { text, header } = await send({
        url: `/message?text=${encodeURIComponent(hostile)}&${encodeURIComponent(hostile)}=1`,
        headers: { ...local, 'user-agent': hostile },
      })
      expect(text).to.not.include('<script').and.not.include('<img')
      expect(text).to.include('Error: &lt;/style&gt;&lt;/pre&gt;&lt;script&gt;')
      const [, style = ''] = /<style>([^]*?)<\/style>/.exec(text) ?? []
      const hash = createHash('sha256').update(style).digest('base64')
      expect(header('content-security-policy')).to.equal(
        `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      const tags = new Set((text.match(/<[a-z][^>]*>/gi) ?? []).map((tag) => tag.toLowerCase()))
      expect([...tags].join('')).to.not.match(/ (?:style|src|href|on\w+)=|script|img|link|iframe/)
    },
    options,
  )

  overHttp1(
    'reads no file that a message names',
    failing,
    async (send) => {
      const folder = await mkdtemp(join(tmpdir(), 'error-page-'))
      const file = join(folder, 'private.ts')
      await writeFile(file, 'const nobody = "sees this"\n'.repeat(3))
      try {
        for (const text of [`x\n    at a (${file}:2:1)`, `\n    at ${file}:2:1\n    at b (${file}:2:1)`, '']) {
          const url = `/message?text=${encodeURIComponent(text)}`
          const page = await send({ url, headers: local })
          expect(page.text).to.include('<h2>Error: ').and.not.include('sees this')
        }
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    options,
  )

  overHttp1(
    'survives errors that are none, or can not be read',
    (server) => {
      const thrown: Record<string, unknown> = {
        text: 'only a text',
        object: { a: 1 },
        circle: Object.assign(new Error('circle'), { cause: undefined as unknown }),
        failing: Object.defineProperty(new Error('failing'), 'stack', {
          get() {
            throw new Error('no stack')
          },
        }),
        named: Object.defineProperty(new Error('named'), 'name', { value: Symbol('name') }),
      }
      Object.assign(thrown['circle'] as Error, { cause: thrown['circle'] })
      server.get('/:name', ({ params }) => {
        throw thrown[params.name as string]
      })
    },
    async (send) => {
      const textOf = async (name: string) => (await send({ url: `/${name}`, headers: local })).text
      expect(await textOf('text')).to.include('only a text')
      expect(await textOf('object')).to.include('{ a: 1 }')
      expect((await textOf('circle')).match(/<h2>.*circle<\/h2>/g)).to.have.length(1)
      expect(await textOf('failing')).to.equal('Internal Server Error')
      expect(await textOf('named')).to.equal('Internal Server Error')
    },
    options,
  )

  it('is on by default where NODE_ENV is development, and off elsewhere', async () => {
    const before = process.env['NODE_ENV']
    try {
      for (const [name, isOn] of Object.entries({ development: true, production: false, test: false, '': false })) {
        process.env['NODE_ENV'] = name
        const server = new Server({ logger: collectingLogger() })
        failing(server)
        const text = (await server.inject({ url: '/books/7', headers: local })).text()
        expect(text.includes('no table'), name).to.equal(isOn)
      }
      process.env['NODE_ENV'] = 'production'
      const log: Entry[] = []
      const server = new Server({ port: 0, errorPage: true, logger: collectingLogger(log) })
      await server.start()
      await server.stop()
      expect(log.filter(({ level }) => level === 'warn').map(({ message }) => message)).to.match(/NODE_ENV=production/)
    } finally {
      if (before === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = before
    }
  })
})
