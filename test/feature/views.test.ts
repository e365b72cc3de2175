import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { Controller, HttpError, type View } from 'tribind'
import { bothWays } from './both-ways.ts'
import { viewFolder } from './view-folder.ts'

const html = 'text/html; charset=utf-8'
const script = `<script>alert("&'")</script>`
const escaped = '&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;'

describe('views', () => {
  const { root, write } = viewFolder({
    'index.eta': 'index of <%= it.name %>',
    'hello.eta': 'Hello, <%= it.name %>!',
    'raw.eta': '<%~ it.name %>',
    'feed.xml': '<feed><%= it.name %></feed>',
    'layout.eta': '<title><%~ block("title", () => { %>none<% }) %></title><main><%~ it.body %></main><%= it.year %>',
    'sub/page.eta': '<% layout("/layout", { year: 1 }) %><% block("title", () => { %>T <%= it.name %><% }) %>page',
    'sub/list.eta': '<% for (const name of it.names) { %><%~ include("./item", { name }) %><% } %>',
    'sub/item.eta': '[<%= it.name %> <%= it.all %>]',
    'sub/await.eta': '<%= await it.load("a") %>,<%~ await includeAsync("/later") %>',
    'later.eta': '<%= await it.load("b") %>',
    'promised.eta': '<%= it.user.name %>',
    'proto.eta': '<%= it.__proto__ %>|<%= it.constructor %>|<%= it.polluted %>|<%= ({}).polluted %>',
    'exits.eta': '<% it.leave() %>',
  })
  const options = { view: { root } }

  bothWays(
    'display, writeTpl, parse and parseContent give what templates give, with HTML escaped',
    (server) => {
      server.use((request, next) => {
        request.view.assign('name', script)
        return next()
      })
      server.bindHandler('/display', ({ view }) => view.display('hello'))
      server.bindHandler('/index', ({ view }) => view.display())
      server.bindHandler('/write', ({ response }) => response.writeTpl('hello.eta'))
      server.bindHandler('/parse', async ({ view }) => `parsed: ${await view.parse('/hello')}`)
      server.bindHandler('/content', async ({ view }) => `parsed: ${await view.parseContent('<b><%= it.name %></b>')}`)
      server.bindHandler('/raw', ({ view }) => view.display('raw'))
      server.bindHandler('/twice', async ({ view, response }) => {
        await view.display('hello')
        await response.writeTpl('raw', { name: '2' })
      })
    },
    async (send) => {
      const expected = {
        display: [`Hello, ${escaped}!`, html],
        index: [`index of ${escaped}`, html],
        write: [`Hello, ${escaped}!`, html],
        parse: [`parsed: Hello, ${escaped}!`, 'text/plain; charset=utf-8'],
        content: [`parsed: <b>${escaped}</b>`, 'text/plain; charset=utf-8'],
        raw: [script, html],
        twice: [`Hello, ${escaped}!2`, html],
      }
      for (const [path, [text, type]] of Object.entries(expected)) {
        const answer = await send(`/${path}`)
        expect([answer.status, answer.text, answer.header('content-type')], path).to.deep.equal([200, text, type])
      }
    },
    options,
  )

  bothWays(
    'a type that is set stays, HEAD has the head alone, and a status may be set',
    (server) => {
      server.bindHandler('/feed', ({ response }) => {
        response.setHeader('Content-Type', 'application/xml')
        response.status = 203
        return response.writeTpl('feed.xml', { name: 'é' })
      })
      server.get('/hello', ({ response }) => response.writeTpl('hello', { name: 'é' }))
    },
    async (send) => {
      const feed = await send('/feed')
      expect([feed.status, feed.text]).to.deep.equal([203, '<feed>é</feed>'])
      expect(feed.header('content-type')).to.equal('application/xml')
      const head = await send('HEAD /hello')
      expect([head.status, head.text, head.header('content-type')]).to.deep.equal([200, '', html])
      expect(head.header('content-length')).to.equal(String(Buffer.byteLength('Hello, é!')))
    },
    options,
  )

  bothWays(
    'data goes before what was assigned, this once; assigns takes objects and Maps',
    (server) => {
      server.bindHandler('/x', async ({ view }) => {
        view.assigns({ name: 'a' })
        const texts = [await view.parse('hello', { name: 'b' }), await view.parse('hello')]
        view.assigns(new Map([['name', 'c']]))
        texts.push(await view.parse('hello'), await view.parseContent('<%= it.name %>', { name: 'd' }))
        return texts
      })
    },
    async (send) => {
      expect((await send('/x')).json()).to.deep.equal(['Hello, b!', 'Hello, a!', 'Hello, c!', 'd'])
    },
    options,
  )

  bothWays(
    'layouts with blocks, and partials with what their page has',
    (server) => {
      server.bindHandler('/page', ({ response }) => response.writeTpl('sub/page', { name: '<' }))
      server.bindHandler('/list', ({ response }) => response.writeTpl('sub/list', { names: ['<', 'b'], all: '>' }))
    },
    async (send) => {
      expect((await send('/page')).text).to.equal('<title>T &lt;</title><main>page</main>1')
      expect((await send('/list')).text).to.equal('[&lt; &gt;][b &gt;]')
    },
    options,
  )

  bothWays(
    'templates await, and promises are awaited for them',
    (server) => {
      const load = async (name: string) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        return `<${name}>`
      }
      server.bindHandler('/await', ({ response }) => response.writeTpl('sub/await', { load }))
      server.bindHandler('/promised', ({ view }) => {
        view.assign(
          'user',
          load('Ann').then((name) => ({ name })),
        )
        return view.display('promised')
      })
      server.bindHandler('/rejected', async ({ view }) => {
        view.assign('user', Promise.reject(new HttpError(404, 'no such user')))
        await new Promise((resolve) => setTimeout(resolve, 5))
        await view.display('promised')
      })
      server.bindHandler('/forgotten', async ({ view, response }) => {
        view.assign('user', Promise.reject(new Error('secret')))
        await response.writeTpl('none', { other: Promise.reject(new Error('secret')) })
      })
    },
    async (send) => {
      expect((await send('/await')).text).to.equal('&lt;a&gt;,&lt;b&gt;')
      expect((await send('/promised')).text).to.equal('&lt;Ann&gt;')
      expect([(await send('/rejected')).status, (await send('/rejected')).text]).to.deep.equal([404, 'no such user'])
      expect([(await send('/forgotten')).status, (await send('/await')).status]).to.deep.equal([500, 200])
    },
    options,
  )

  bothWays(
    'controllers have a view, the same that hooks, middleware and handlers have',
    (server) => {
      class Pages extends Controller {
        override init() {
          this.view.assign('names', ['c'])
        }

        async list() {
          const view: View = this.view
          await view.display('sub/list')
        }

        returned() {
          return this.response.writeTpl('sub/list')
        }
      }
      server.bindHookHandler('/*', 'BeforeServe', ({ view }) => view.assign('all', 'h'))
      server.bindController('/pages', Pages)
    },
    async (send) => {
      for (const path of ['/pages/list', '/pages/returned']) expect((await send(path)).text, path).to.equal('[c h]')
      expect((await send('/pages/view')).status).to.equal(404)
    },
    options,
  )

  bothWays(
    'any name is but a name',
    (server) => {
      server.bindHandler('/x', ({ view, response }) => {
        const sent = JSON.parse('{ "__proto__": { "polluted": "yes" } }') as object
        view.assign('__proto__', { polluted: 'yes' })
        view.assigns(sent)
        return response.writeTpl('proto', sent)
      })
      server.bindHandler('/none', ({ response }) => response.writeTpl('proto'))
      server.bindHandler('/blocks', ({ response }) => {
        const sent = JSON.parse(
          '{ "__blocks": { "title": "<script>" }, "__eta_blocks": { "title": "<script>" } }',
        ) as object
        return response.writeTpl('layout', sent)
      })
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('[object Object]|undefined|undefined|undefined')
      expect((await send('/none')).text).to.equal('undefined|undefined|undefined|undefined')
      expect((await send('/blocks')).text).to.match(/^<title>none<\/title>/)
    },
    options,
  )

  bothWays(
    'what is assigned never shows in another request',
    (server) => {
      const tick = (turns: number) => new Promise((resolve) => setTimeout(resolve, turns))
      server.use(async (request, next) => {
        const id = request.get('id')
        if (Number(id) % 3 > 0) request.view.assign('id', id)
        await tick(Number(id) % 4)
        await next()
      })
      server.bindHandler('/x', async ({ view, response }) => {
        await view.parseContent('<% await it.tick(1) %>', { tick, id: 'other' })
        await response.writeTpl('mine', { tick })
      })
    },
    async (send) => {
      write('mine.eta', '<%= it.id %> <% await it.tick(Math.random() * 4) %><%~ include("./mine-too") %>')
      write('mine-too.eta', '<%= it.id %>')
      const ids = Array.from({ length: 300 }, (_, id) => id)
      const texts = await Promise.all(ids.map(async (id) => (await send(`/x?id=${id}`)).text))
      expect(texts).to.deep.equal(ids.map((id) => (id % 3 > 0 ? `${id} ${id}` : 'undefined undefined')))
    },
    options,
  )

  bothWays(
    'exits and HttpErrors mean in a template what they mean elsewhere',
    (server) => {
      server.bindHandler('/exit', async (request) => {
        await request.response.writeTpl('exits', { leave: () => request.exit() })
        request.response.write('not this')
      })
      server.bindHandler('/404', ({ response }) => {
        const leave = () => {
          throw new HttpError(404, 'no such page')
        }
        return response.writeTpl('exits', { leave })
      })
    },
    async (send, _world, { log }) => {
      expect([(await send('/exit')).status, (await send('/exit')).text]).to.deep.equal([200, ''])
      expect([(await send('/404')).status, (await send('/404')).text]).to.deep.equal([404, 'no such page'])
      expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
    },
    options,
  )

  bothWays(
    'the root may be a URL, and the extension another',
    (server) => server.bindHandler('/x', ({ view }) => view.display('feed', { name: 1 })),
    async (send) => {
      expect((await send('/x')).text).to.equal('<feed>1</feed>')
    },
    { view: { root: pathToFileURL(`${root}/`), extension: 'xml' } },
  )
})
