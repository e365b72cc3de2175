import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { DuplicateRouteError, HttpError, RouteError, Server } from 'tribind'
import { bothWays, thrownBy } from './both-ways.ts'
import { createSite } from './static-site.ts'

describe('static folders: registration and options', () => {
  let folder = ''

  before(() => {
    folder = createSite()
  })

  const site = () => `${folder}/site`

  bothWays(
    'options: index, listing, caching, links, a URL',
    (server) => {
      server.serveStatic('/named', site(), { index: ['none.html', 'app.js'] })
      server.serveStatic('/none', site(), { index: false })
      server.serveStatic('/list', pathToFileURL(`${site()}/`), { listing: true, maxAge: 3600, immutable: true })
      server.serveStatic('/links', site(), { listing: true, followSymlinks: true })
    },
    async (send) => {
      expect((await send('/named/')).text).to.equal('run()')
      expect((await send('/none/')).status).to.equal(404)
      expect((await send('/list/app.js')).header('cache-control')).to.equal('public, max-age=3600, immutable')
      expect((await send('/list/')).text).to.equal('<h1>home</h1>')
      expect((await send('/list/listed')).header('location')).to.equal('./listed/')

      const list = await send('/list/listed/')
      expect([list.status, list.header('content-type')]).to.deep.equal([200, 'text/html; charset=utf-8'])
      expect(list.header('content-security-policy')).to.equal("default-src 'none'")
      expect(list.text).to.include('<title>Index of /list/listed</title>')
      expect(list.text).to.not.match(/<img|\.hidden|link-/)
      const links = [...list.text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
      expect(links).to.deep.equal([
        '../',
        './zoo/',
        './%22quoted%22%20%26%20&#39;more&#39;.txt',
        './%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E.txt',
      ])
      expect(list.text).to.include('&lt;img src=x onerror=alert(1)&gt;.txt')
      const head = await send('HEAD /list/listed/')
      expect([head.status, head.text, head.header('content-length')]).to.deep.equal([200, '', String(list.body.length)])

      expect((await send('/list/listed/link-out')).status).to.equal(404)
      for (const link of ['/list/listed/link-in', '/list/release', '/list/release/', '/list/release/page.txt'])
        expect((await send(link)).status, link).to.equal(404)
      expect((await send('/links/release/page.txt')).text).to.equal('page')
      expect((await send('/links/listed/link-in')).text).to.equal('run()')
      expect((await send('/links/listed/link-out')).text).to.equal('outside')
      expect((await send('/links/listed/')).text)
        .to.include('link-out')
        .and.to.include('link-in')
        .and.to.not.match(/\.hidden|link-broken/)
    },
  )

  bothWays(
    'no link leads past a guard, and the folder itself may be one',
    (server) => {
      server.serveStatic('/', `${folder}/linked-site`)
      server.bindHookHandler('/private/*', 'BeforeServe', () => {
        throw new HttpError(401)
      })
    },
    async (send) => {
      expect((await send('/app.js')).text).to.equal('run()')
      expect((await send('/private/secret.txt')).status).to.equal(401)
      for (const path of ['/open/secret.txt', '/open.txt']) {
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([404, 'Not Found'])
      }
    },
  )

  bothWays(
    'are in routes() after the routes, longest prefix first',
    (server) => {
      server.serveStatic('/', site())
      server.serveStatic('/assets/deep', `${folder}/other`)
      server.get('/x', () => 'x')
      server.bindHookHandler('/*', 'BeforeServe', () => {})
    },
    async (_send, _world, { server }) => {
      expect(server.routes().map(({ type, method, route, name }) => ({ type, method, route, name }))).to.deep.equal([
        { type: 'handler', method: 'GET', route: '/x', name: 'anonymous' },
        { type: 'static', method: 'GET', route: '/assets/deep/*', name: `${folder}/other` },
        { type: 'static', method: 'GET', route: '/*', name: site() },
        { type: 'hook', method: 'ALL', route: '/*', name: 'anonymous' },
      ])
    },
  )

  it('refuse what can not be served, at once', () => {
    const server = new Server()
    for (const [prefix, path, options, culprit] of [
      ['/a', `${folder}/missing`, {}, `${folder}/missing`],
      ['/a', `${folder}/plain.txt`, {}, `${folder}/plain.txt`],
      ['assets', site(), {}, 'assets'],
      ['POST:/a', site(), {}, 'method'],
      ['/a/*rest', site(), {}, '"*"'],
      ['/a@not a domain', site(), {}, 'not a domain'],
      ['/a', site(), { maxAge: -1 }, 'maxAge'],
      ['/a', site(), { maxAge: '1d' }, 'maxAge'],
      ['/a', site(), { index: '../up.html' }, '../up.html'],
      ['/a', site(), { index: true }, 'index'],
      ['/a', site(), { listing: 'yes' }, 'listing'],
      ['/a', site(), { followSymlinks: 1 }, 'followSymlinks'],
      ['/a', site(), { dotfiles: 'allow' }, 'dotfiles'],
    ] as [string, string, object, string][]) {
      const error = thrownBy(() => server.serveStatic(prefix, path, options))
      expect(error, culprit).to.be.instanceOf(RouteError)
      expect(error.message).to.include(culprit).and.to.include(`"${prefix}"`)
    }
    expect(server.routes()).to.deep.equal([])
    server.serveStatic('/a', site())
    const twice = thrownBy(() => server.serveStatic('/a/', `${folder}/other`))
    expect(twice).to.be.instanceOf(DuplicateRouteError)
    expect(twice.message).to.match(/static-folder-options\.test\.ts:\d+.*static-folder-options\.test\.ts:\d+/)
    new Server({ routeOverwrite: true }).serveStatic('/a', site()).serveStatic('/a', `${folder}/other`)
  })

  it('refuse to be bound while the server runs', async () => {
    const server = new Server({ port: 0 })
    await server.start()
    expect(thrownBy(() => server.serveStatic('/a', site()))).to.be.instanceOf(RouteError)
    await server.stop()
  })
})
