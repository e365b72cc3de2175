import { expect } from 'chai'
import { HttpError, RouteError, Server } from 'tribind'
import { bothWays, thrownBy } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

describe('static folders: the fallback page', () => {
  let folder = ''

  before(() => {
    folder = temporaryFolder({
      'site/index.html': 'the page',
      'site/app.js': 'run()',
      'site/assets/logo.svg': '<svg/>',
      'site/pages/app.html': 'another page',
      'site/pages/app.html.br': 'br page',
    })
  })

  bothWays(
    'answers browsers where nothing is found, and nothing else',
    (server) => {
      server.serveStatic('/', `${folder}/site`, { fallback: 'index.html', maxAge: 3600, immutable: true })
      server.get('/api/users', () => ['Ada'])
      server.get('/api/user', () => {
        throw new HttpError(404, 'no such user')
      })
      server.bindHookHandler('/private/*', 'BeforeServe', () => {
        throw new HttpError(401)
      })
    },
    async (send) => {
      for (const url of [
        '/users/7',
        '/users/7/',
        '/users/john.doe',
        '/v1.2/notes',
        '/assets/',
        '/assets',
        '/js',
        '/a%2Fb',
      ]) {
        const answer = await send({ url, headers: browser })
        expect([answer.status, answer.text], url).to.deep.equal([200, 'the page'])
        expect(answer.header('content-type')).to.equal('text/html; charset=utf-8')
        expect(answer.header('vary'), url).to.equal('Accept')
        expect(answer.header('cache-control'), url).to.equal('public, max-age=0')
        const etag = answer.header('etag') as string
        expect((await send({ url, headers: { ...browser, 'if-none-match': etag } })).status).to.equal(304)
        const head = await send({ method: 'HEAD', url, headers: browser })
        expect([head.status, head.text, head.header('content-length')]).to.deep.equal([200, '', '8'])
      }
      for (const accept of [
        '*/*',
        'application/json',
        'text/html;q=0',
        'text/css,*/*;q=0.1',
        'text/htmlx',
        undefined,
      ]) {
        const answer = await send({ url: '/users/7', ...(accept !== undefined && { headers: { accept } }) })
        expect([answer.status, answer.header('vary')], accept).to.deep.equal([404, 'Accept'])
      }
      for (const url of [
        '/missing.js',
        '/assets/missing.svg',
        '/old.html',
        '/.env',
        '/.git/config',
        '/x/..%2f',
        '/x%00',
      ])
        expect((await send({ url, headers: browser })).status, url).to.be.oneOf([400, 404])
      expect((await send({ method: 'POST', url: '/users/7', headers: browser })).status).to.equal(404)
      expect((await send({ url: '/private/x', headers: browser })).status).to.equal(401)
      expect((await send({ url: '/api/user', headers: browser })).text).to.equal('no such user')
      expect((await send({ url: '/api/users', headers: browser })).text).to.equal('["Ada"]')
      expect((await send({ url: '/app.js', headers: browser })).header('cache-control')).to.equal(
        'public, max-age=3600, immutable',
      )
    },
  )

  bothWays(
    'may lie deeper, be compressed, and be missing',
    (server) => {
      server.serveStatic('/deep', `${folder}/site`, { fallback: 'pages/app.html', preCompressed: true, index: false })
      server.serveStatic('/missing', `${folder}/site`, { fallback: 'none.html' })
      server.serveStatic('/listed', `${folder}/site`, { fallback: 'index.html', listing: true })
    },
    async (send) => {
      for (const [coding, text] of [
        ['br', 'br page'],
        ['identity', 'another page'],
      ] as const) {
        const answer = await send({ url: '/deep/x', headers: { ...browser, 'accept-encoding': coding } })
        expect([answer.status, answer.text]).to.deep.equal([200, text])
        expect(answer.header('vary')).to.equal('Accept-Encoding, Accept')
      }
      expect((await send({ url: '/missing/x', headers: browser })).status).to.equal(404)
      expect((await send({ url: '/listed/assets/', headers: browser })).text).to.include('logo.svg')
      expect((await send({ url: '/listed/none/', headers: browser })).text).to.equal('the page')
    },
  )

  it('is refused where it can not be a file of the folder', () => {
    for (const fallback of ['../up.html', '/index.html', '', true, '.hidden', 'a//b', ['index.html']]) {
      const error = thrownBy(() => new Server().serveStatic('/', `${folder}/site`, { fallback } as object))
      expect(error).to.be.instanceOf(RouteError)
      expect(error.message).to.include('fallback').and.to.include('such as "index.html"')
    }
  })
})
