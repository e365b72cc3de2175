import { METHODS } from 'node:http'
import { readdirSync, readlinkSync } from 'node:fs'
import { expect } from 'chai'
import { bothWays, overHttp1, rawExchange, until } from './both-ways.ts'
import { createSite } from './static-site.ts'

describe('static folders', () => {
  let folder = ''

  before(() => {
    folder = createSite()
  })

  const site = () => `${folder}/site`

  bothWays(
    'serve files, and index files for folders',
    (server) => {
      server.serveStatic('/assets', site())
      server.get('/next', () => 'next')
    },
    async (send) => {
      for (const [url, body] of [
        ['/assets/app.js', 'run()'],
        ['/assets//app.js', 'run()'],
        ['/%61ssets/app%2Ejs?v=1', 'run()'],
        ['/assets/', '<h1>home</h1>'],
        ['/assets/index.html', '<h1>home</h1>'],
        ['/assets/docs/', 'docs'],
        ['/assets/n%C3%A4me%20%E2%82%AC.txt', 'named'],
        ['/assets/100%25.txt', 'percent'],
        ['/assets/%252e%252e', 'odd'],
      ] as const) {
        const answer = await send(url)
        expect([answer.status, answer.text], url).to.deep.equal([200, body])
      }
      const script = await send('/assets/app.js')
      expect(script.header('content-type')).to.equal('application/javascript; charset=utf-8')
      const etag = script.header('etag') as string
      expect((await send({ url: '/assets/app.js', headers: { 'if-none-match': etag } })).status).to.equal(304)
      const part = await send({ url: '/assets/app.js', headers: { range: 'bytes=0-2' } })
      expect([part.status, part.text]).to.deep.equal([206, 'run'])
      const head = await send('HEAD /assets/app.js')
      expect([head.status, head.text, head.header('content-length')]).to.deep.equal([200, '', '5'])
      for (const url of [
        '/assets/none',
        '/assets/empty/',
        '/assets/empty',
        '/assets/.env',
        '/assets/listed/',
        '/assetsx/app.js',
        '/app.js',
        '/assets/app.js/x',
      ]) {
        const answer = await send(url)
        expect([answer.status, answer.text], url).to.deep.equal([404, 'Not Found'])
        expect((await send('/next')).text).to.equal('next')
      }
    },
  )

  bothWays(
    'send the client from a folder to the folder with a slash, and never elsewhere',
    (server) => {
      server.serveStatic('/assets', site())
      server.serveStatic('/', site())
    },
    async (send) => {
      for (const [url, location] of [
        ['/assets', './assets/'],
        ['/assets?a=1&b=%20', './assets/?a=1&b=%20'],
        ['/assets/docs', './docs/'],
        ['/assets/%64ocs', './docs/'],
        ['/a:b', './a%3Ab/'],
        ['//evil.example', './evil.example/'],
        ['//evil.example?//x', './evil.example/?//x'],
      ] as const) {
        const answer = await send(url)
        expect([answer.status, answer.header('location')], url).to.deep.equal([301, location])
        const target = new URL(answer.header('location') as string, `http://own.example${url}`)
        expect(target.host, url).to.equal('own.example')
        expect((await send(target.pathname)).status, url).to.equal(200)
      }
      expect((await send('/assets/empty')).status).to.equal(404)
      expect((await send('/')).text).to.equal('<h1>home</h1>')
    },
  )

  overHttp1(
    'read the path of the absolute form, and the root without a slash',
    (server) => server.serveStatic('/', site()),
    async (_send, _world, { port }) => {
      const get = (target: string) =>
        rawExchange(port, `GET ${target} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`)
      expect(await get('http://a.example/app.js')).to.match(/run\(\)$/)
      expect(await get('http://a.example')).to.match(/home/)
      expect(await get('http://a.example/docs')).to.match(/Location: \.\/docs\/\r\n/)
    },
  )

  bothWays(
    'come after routes; the longest prefix goes first; a missing file is the ordinary 404',
    (server) => {
      server.serveStatic('/', site())
      server.serveStatic('/assets', site())
      server.serveStatic('/assets/deep', `${folder}/other`)
      server.get('/app.js', () => 'the route')
      server.bindHandler('POST:/docs/page.txt', () => 'posted')
      server.all('/docs/any/*', () => 'any')
      server.bindStatusHandler(404, ({ response, path }) => response.writeOver(`no ${path}`))
      server.bindStatusHandler(301, ({ response }) => response.writeOver('moved'))
    },
    async (send) => {
      expect((await send('/app.js')).text).to.equal('the route')
      expect((await send('/assets/app.js')).text).to.equal('run()')
      expect((await send('/assets/deep/app.js')).text).to.equal('other()')
      expect((await send('/assets/deep/docs/page.txt')).status).to.equal(404)
      expect((await send('/docs/page.txt')).text).to.equal('page')
      expect((await send('POST /docs/page.txt')).text).to.equal('posted')
      expect((await send('/docs/any/thing')).text).to.equal('any')
      expect((await send('/docs')).text).to.equal('moved')
      const missing = await send('/assets/nope.js')
      expect([missing.status, missing.text]).to.deep.equal([404, 'no /assets/nope.js'])
    },
  )

  for (const methodNotAllowed of [false, true]) {
    bothWays(
      `serve GET and HEAD only, methodNotAllowed ${methodNotAllowed}`,
      (server) => {
        server.serveStatic('/assets', site())
        server.delete('/assets/app.js', () => 'deleted')
      },
      async (send) => {
        // Node.js 20.19.0 doesn't know QUERY: its parser refuses it before a server sees it.
        const query = METHODS.filter((method) => method === 'QUERY')
        for (const method of ['POST', 'PUT', 'OPTIONS', 'PATCH', ...query]) {
          const answer = await send({ method, url: '/assets/app.js' })
          expect(answer.status, method).to.equal(methodNotAllowed ? 405 : 404)
          expect(answer.header('allow'), method).to.equal(methodNotAllowed ? 'GET, DELETE, HEAD' : undefined)
        }
        expect((await send('DELETE /assets/app.js')).text).to.equal('deleted')
        expect((await send('/assets/app.js')).text).to.equal('run()')
      },
      { methodNotAllowed },
    )
  }

  bothWays(
    'hooks and middleware run around them',
    (server) => {
      const seen: string[] = []
      server.serveStatic('/assets', site())
      server.use(async ({ response, route }, next) => {
        await next()
        seen.push(`${route} ${response.status}`)
      })
      server.bindHookHandler('/assets/*path', 'AfterServe', ({ params, response }) => {
        seen.push(params.path)
        response.setHeader('Cache-Control', 'private')
      })
      server.bindHookHandler('/assets/private/*', 'BeforeServe', (request) => {
        request.response.writeStatus(401)
        request.exitAll()
      })
      server.bindHookHandler('/assets/app.js', 'BeforeOutput', ({ response }) => response.setHeader('X-Seen', 'yes'))
      return seen
    },
    async (send, seen) => {
      const answer = await send('/assets/app.js')
      expect([answer.text, answer.header('cache-control'), answer.header('x-seen')]).to.deep.equal([
        'run()',
        'private',
        'yes',
      ])
      expect(seen).to.deep.equal(['/assets/* 200', 'app.js'])
      const denied = await send('/assets/private/secret.txt')
      expect([denied.status, denied.text]).to.deep.equal([401, 'Unauthorized'])
    },
  )

  bothWays(
    'belong to domains and groups like routes',
    (server) => {
      server.domain('a.example').serveStatic('/files', site())
      server.serveStatic('/files@*.example', `${folder}/other`)
      server.group('/:tenant/app@b.example', (group) => {
        group.use(async ({ response }, next) => {
          await next()
          response.setHeader('X-Group', 'yes')
        })
        group.serveStatic('/', `${folder}/other`, { index: false })
      })
    },
    async (send) => {
      expect((await send({ url: '/files/app.js', host: 'a.example' })).text).to.equal('run()')
      expect((await send({ url: '/files/app.js', host: 'x.example' })).text).to.equal('other()')
      expect((await send({ url: '/files/app.js', host: 'example.org' })).status).to.equal(404)
      const grouped = await send({ url: '/acme/app/only.txt', host: 'b.example' })
      expect([grouped.text, grouped.header('x-group')]).to.deep.equal(['only', 'yes'])
      expect((await send({ url: '/files/app.js', host: 'b.example' })).header('x-group')).to.equal(undefined)
    },
  )

  bothWays(
    'heed strictDomains like routes',
    (server) => {
      server.serveStatic('/files', site())
      server.get('/everywhere', () => 'everywhere')
      server.domain('routed.example').get('/x', () => 'x')
      server.domain('static.example').serveStatic('/own', site())
    },
    async (send) => {
      expect((await send({ url: '/files/app.js', host: 'other.example' })).status).to.equal(200)
      expect((await send({ url: '/files/app.js', host: 'routed.example' })).status).to.equal(404)
      expect((await send({ url: '/files/app.js', host: 'static.example' })).status).to.equal(404)
      expect((await send({ url: '/everywhere', host: 'static.example' })).status).to.equal(404)
      expect((await send({ url: '/own/app.js', host: 'static.example' })).text).to.equal('run()')
    },
    { strictDomains: true },
  )

  bothWays(
    'hold nothing open afterwards',
    (server) => server.serveStatic('/', site(), { listing: true }),
    async (send) => {
      for (const url of ['/app.js', '/', '/docs', '/listed/', '/none', '/../x']) await send(url)
      await until(
        () =>
          !readdirSync('/proc/self/fd').some((fd) => {
            try {
              return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
            } catch {
              return false
            }
          }),
        'all files are closed',
      )
    },
  )
})
