import { expect } from 'chai'
import { type Server, type ViewEngine } from 'tribind'
import { bothWays } from '../feature/both-ways.ts'
import { viewFolder } from '../feature/view-folder.ts'
import { load } from './language-folder.ts'

const languages = await load({
  'en-US.json': { title: 'Shop', hello: 'Hello, {name}!', items: { one: '{count} item', other: '{count} items' } },
  'de.json': { title: 'Laden', hello: 'Hallo, {name}!', items: { one: '{count} Ding', other: '{count} Dinge' } },
})
const german = (url: string) => ({ url, headers: { 'accept-language': 'de' } })

describe('t in views', () => {
  const { root } = viewFolder({
    'layout.eta': '<title><%= it.t("title") %></title><%~ it.body %>',
    'page.eta':
      '<% layout("/layout") %><p><%= it.t("hello", { name: it.name }) %></p><%~ include("/part", { count: 1 }) %>',
    'part.eta': '<i><%= it.t("items", { count: it.count }) %></i><%~ include("/bare") %>',
    'bare.eta': '<b><%= it.t("title") %></b>',
    'later.eta': '<%~ await includeAsync("/part", { count: await 2 }) %>',
    'plain.eta': 'plain',
    'own.eta': '<%= it.t %>',
    'ownPart.eta': '<%~ include("/own", { t: "part" }) %>',
    'typeof.eta': '<%= typeof it.t %><%~ include("/typeofPart", {}) %>',
    'typeofPart.eta': '<%= typeof it.t %>',
  })

  function bind(server: Server): void {
    server.get('/page', ({ view }) => view.display('page', { name: '<Ann>' }))
    server.get('/later', ({ response }) => response.writeTpl('later'))
    server.get('/text', async ({ view }) => view.parseContent('<%= it.t("items", { count: 0 }) %>'))
    server.get('/plain', ({ view }) => view.display('plain'))
    server.get('/set', (request) => {
      request.setLanguage('en-us')
      return request.view.display('bare')
    })
    server.get('/assigned', ({ view }) => {
      view.assign('t', 'assigned')
      return view.display('own')
    })
    server.get('/data', ({ view }) => view.display('own', { t: 'data' }))
    server.get('/part', ({ view }) => view.display('ownPart'))
    server.get('/typeof', ({ view }) => view.display('typeof'))
  }

  bothWays(
    'is there in templates, layouts and partials, and escaped as other values are',
    bind,
    async (send) => {
      const page = await send(german('/page'))
      expect(page.text).to.equal('<title>Laden</title><p>Hallo, &lt;Ann&gt;!</p><i>1 Ding</i><b>Laden</b>')
      expect([page.header('content-language'), page.header('vary')]).to.deep.equal(['de', 'Accept-Language'])
      expect((await send(german('/later'))).text).to.equal('<i>2 Dinge</i><b>Laden</b>')
      expect((await send(german('/text'))).text).to.equal('0 Dinge')
      expect((await send(german('/set'))).text).to.equal('<b>Shop</b>')
    },
    { languages, view: { root } },
  )

  bothWays(
    'asks for no language where a template does not',
    bind,
    async (send) => {
      const answer = await send(german('/plain'))
      expect([answer.text, answer.header('content-language'), answer.header('vary')]).to.deep.equal([
        'plain',
        undefined,
        undefined,
      ])
    },
    { languages, view: { root } },
  )

  bothWays(
    'gives way to a value of that name',
    bind,
    async (send) => {
      expect((await send('/assigned')).text).to.equal('assigned')
      expect((await send('/data')).text).to.equal('data')
      expect((await send('/part')).text).to.equal('part')
    },
    { languages, view: { root } },
  )

  bothWays(
    'is not there without languages',
    bind,
    async (send) => {
      expect((await send('/typeof')).text).to.equal('undefinedundefined')
    },
    { view: { root } },
  )

  const engine: ViewEngine = {
    render: (_file, { t }) => `engine: ${(t as (key: string) => string)('title')}`,
    renderString: () => '',
  }
  bothWays(
    'is passed to engines of the application',
    bind,
    async (send) => {
      expect((await send(german('/plain'))).text).to.equal('engine: Laden')
    },
    { languages, view: { root, engine, extension: '.eta' } },
  )
})
