import { existsSync } from 'node:fs'
import { expect } from 'chai'
import { Controller, HttpError, type Request } from 'tribind'
import { type Ask, bothWays, until } from './both-ways.ts'
import { encodeMultipart, multipart } from './multipart-body.ts'

describe('views without the option "view"', () => {
  bothWays(
    'render texts with what was assigned, and escape it',
    (server) => {
      server.get('/assign', ({ view }) => {
        view.assign('name', '<b>')
        return view.parseContent('Hello, <%= it.name %>!')
      })
      server.get('/assigns', ({ view }) => {
        view.assigns(new Map([['name', 'a']]))
        return view.parseContent('<%= it.name %><%= it.more %>', { more: 'b' })
      })
      server.get('/await', ({ view }) => view.parseContent('<%= await it.load() %>', { load: async () => 'c' }))
      server.bindController(
        '/controller',
        class Pages extends Controller {
          index() {
            this.view.assign('name', 'd')
            return this.view.parseContent('<%= it.name %>')
          }
        },
      )
    },
    async (send) => {
      expect((await send('/assign')).text).to.equal('Hello, &lt;b&gt;!')
      expect((await send('/assigns')).text).to.equal('ab')
      expect((await send('/await')).text).to.equal('c')
      expect((await send('/controller')).text).to.equal('d')
    },
  )

  bothWays(
    'belong to one request each',
    (server) => {
      server.get('/:name', ({ view, params }) => {
        if (params.name === 'first') view.assign('name', 'first')
        return view.parseContent('<%= it.name %>')
      })
    },
    async (send) => {
      expect((await send('/first')).text).to.equal('first')
      expect((await send('/second')).text).to.not.include('first')
    },
  )

  const withFiles: Record<string, (request: Request) => unknown> = {
    'view.parse': ({ view }) => view.parse('page'),
    'view.display': ({ view }) => view.display(),
    'response.writeTpl': ({ response }) => response.writeTpl('page', {}),
    'a text that includes a file': ({ view }) => view.parseContent('<%~ include("./page") %>'),
  }
  for (const [what, render] of Object.entries(withFiles)) {
    bothWays(
      `need it for files: ${what} is a ViewError that names it`,
      (server) => {
        const thrown: unknown[] = []
        server.get('/', async (request) => {
          try {
            await render(request)
          } catch (error) {
            thrown.push(error)
            throw error
          }
        })
        server.get('/next', () => 'next')
        return thrown
      },
      async (send, thrown) => {
        expect((await send('/')).status).to.equal(500)
        const [error] = thrown as (Error & { code: string })[]
        expect([error?.name, error?.code]).to.deep.equal(['ViewError', 'ERR_TRIBIND_VIEW'])
        expect(error?.message).to.match(/option "view"/)
        expect((await send('/next')).text).to.equal('next')
      },
    )
  }
})

describe('upload files', () => {
  const upload: Ask = {
    method: 'POST',
    url: '/',
    headers: multipart,
    body: encodeMultipart([
      { name: 'a', filename: 'a.txt', content: 'a' },
      { name: 'b', filename: 'b.txt', content: 'b' },
    ]),
  }

  for (const [what, serve] of Object.entries({
    'a request that was served': () => 'served',
    'a request that failed': () => {
      throw new HttpError(422, 'Unprocessable')
    },
    'a request left with exitAll': (request: Request) => request.exitAll(),
  })) {
    bothWays(
      `of ${what} are there in BeforeClose and gone in AfterClose`,
      (server) => {
        const seen: [event: string, exists: boolean[]][] = []
        const paths: string[] = []
        const look = (event: string) => void seen.push([event, paths.map((path) => existsSync(path))])
        server.post('/', async (request) => {
          paths.push(...(await request.files()).map(({ path }) => path))
          return serve(request)
        })
        server.bindHookHandler('/*', 'BeforeClose', () => look('BeforeClose'))
        server.bindHookHandler('/*', 'AfterClose', () => look('AfterClose'))
        return seen
      },
      async (send, seen) => {
        await send(upload)
        await until(() => seen.length === 2, 'both close events have run')
        expect(seen).to.deep.equal([
          ['BeforeClose', [true, true]],
          ['AfterClose', [false, false]],
        ])
      },
    )
  }

  bothWays(
    'wait for what BeforeClose still does with them',
    (server) => {
      const seen: boolean[] = []
      let path = ''
      server.post('/', async (request) => void (path = (await request.file('a'))?.path ?? ''))
      server.bindHookHandler('/*', 'BeforeClose', async () => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        seen.push(existsSync(path))
      })
      server.bindHookHandler('/*', 'AfterClose', () => void seen.push(existsSync(path)))
      return seen
    },
    async (send, seen) => {
      await send(upload)
      await until(() => seen.length === 2, 'both close events have run')
      expect(seen).to.deep.equal([true, false])
    },
  )
})

describe('redirectBack takes a relative Referer against the own address (RFC 9110, section 10.1.3)', () => {
  const own = 'http://shop.example/list/item?x=1'
  const expected: Record<string, string> = {
    '/basket?page=2': 'http://shop.example/basket?page=2',
    '/': 'http://shop.example/',
    other: 'http://shop.example/list/other',
    '../up': 'http://shop.example/up',
    './same?y=2': 'http://shop.example/list/same?y=2',
    '?page=2': 'http://shop.example/list/item?page=2',
    '//shop.example/own': 'http://shop.example/own',
    '//evil.example/x': 'http://shop.example/',
    '/\\evil.example/x': 'http://shop.example/',
    '\\\\evil.example/x': 'http://shop.example/',
    '//user@shop.example/x': 'http://shop.example/',
    '//shop.example:81/x': 'http://shop.example/',
    'javascript:alert(1)': 'http://shop.example/',
    'data:text/html,x': 'http://shop.example/',
    'about:blank': 'http://shop.example/',
    'http://evil.example/x': 'http://shop.example/',
    '//': 'http://shop.example/',
  }

  bothWays(
    'and never leads elsewhere',
    (server) => server.get('/list/item', ({ response }) => response.redirectBack()),
    async (send, _world, { isSecure }) => {
      for (const [referer, target] of Object.entries(expected)) {
        const { status, header } = await send({
          url: '/list/item?x=1',
          host: 'shop.example',
          headers: { referer },
        })
        expect(status, referer).to.equal(302)
        const scheme = isSecure ? 'https:' : 'http:'
        const goesTo = new URL(header('location') ?? '', own.replace('http:', scheme)).href
        expect(goesTo, referer).to.equal(target.replace('http:', scheme))
      }
    },
  )

  bothWays(
    'whose scheme a proxy that is not trusted may have changed',
    (server) => server.get('/list/item', ({ response }) => response.redirectBack()),
    async (send) => {
      const headers = { 'x-forwarded-proto': 'https', referer: '../up?x=1' }
      expect((await send({ url: '/list/item', headers })).header('location')).to.equal('/up?x=1')
      const dangerous = { ...headers, referer: '..//evil.example/' }
      expect((await send({ url: '/list/item', headers: dangerous })).header('location')).to.match(
        /^https?:\/\/127\.0\.0\.1\/\/evil/,
      )
    },
  )

  bothWays(
    'behind a proxy, that is the address the client knows',
    (server) => server.get('/x', ({ response }) => response.redirectBack(303)),
    async (send) => {
      const headers = { 'x-forwarded-host': 'front.example', 'x-forwarded-proto': 'https' }
      const goesTo = async (referer: string) => {
        const { status, header } = await send({ url: '/x', headers: { ...headers, referer } })
        return [status, new URL(header('location') ?? '', 'https://front.example/x').href]
      }
      expect(await goesTo('/back')).to.deep.equal([303, 'https://front.example/back'])
      expect(await goesTo('//front.example/back')).to.deep.equal([303, 'https://front.example/back'])
      expect(await goesTo('//127.0.0.1/back')).to.deep.equal([303, 'https://front.example/'])
    },
    { trustProxy: true },
  )
})
