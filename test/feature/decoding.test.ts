import { expect } from 'chai'
import type { Server } from 'tribind'
import { bothWays } from './both-ways.ts'

const earlyEvents = ['BeforeServe', 'AfterServe', 'BeforePatch', 'AfterPatch', 'BeforeOutput', 'AfterOutput'] as const

/** Takes every path there is, and notes who saw a request. */
function catchAll(server: Server) {
  const seen: string[] = []
  for (const event of earlyEvents) {
    server.bindHookHandler('/*', event, () => {
      seen.push(event)
    })
  }
  server.use((_request, next) => {
    seen.push('middleware')
    return next()
  })
  server.bindHandler('/*any', () => {
    seen.push('handler')
    return 'served'
  })
  server.bindStatusHandler(400, (request) => {
    seen.push('status')
    request.response.writeOver('bad path')
  })
  return seen
}

describe('decoding: paths that are refused', () => {
  const refused = [
    '/%',
    '/a/%',
    '/%4',
    '/%zz',
    '/%u0041',
    '/%ff',
    '/%E0%A4%A',
    '/%c0%ae%c0%ae/x',
    '/%ed%a0%80',
    '/.',
    '/..',
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/../../etc/passwd',
    '/%2e',
    '/%2e%2e/x',
    '/a/%2E%2E/b',
    '/.%2e/x',
    '/%2e./x',
    '//..//x',
    '/%00',
    '/a%00b',
    '/a/b%00.html',
    '/a\\b',
    '/\\',
    '/..\\x',
    '/%5c',
    '/a%5Cb',
    '/..%5c..%5cx',
  ]
  for (const path of refused) {
    bothWays(`${path} is 400 and nobody but the status handler sees it`, catchAll, async (send, seen) => {
      const answer = await send(path)
      expect(answer.status).to.equal(400)
      expect(answer.text).to.equal('bad path')
      expect(seen).to.deep.equal(['status'])
    })
  }

  bothWays('under any method', catchAll, async (send, seen) => {
    for (const method of ['POST', 'HEAD', 'OPTIONS']) expect((await send(`${method} /a/%2e%2e`)).status).to.equal(400)
    expect(seen).to.not.include('handler')
  })

  bothWays(
    'a route that is spelt like it changes nothing',
    (server) => {
      server.bindHandler('/100%', () => 'percent')
    },
    async (send) => {
      expect((await send('/100%')).status).to.equal(400)
      expect((await send('/100%25')).text).to.equal('percent')
    },
  )

  bothWays(
    'a bad path is 400 also where no route would match',
    () => {},
    async (send) => {
      expect((await send('/nothing/%zz')).status).to.equal(400)
    },
  )
})

describe('decoding: paths that are served', () => {
  const served: Record<string, { path: string; any: string }> = {
    '/': { path: '/', any: '' },
    '///': { path: '/', any: '' },
    '/a//b/': { path: '/a/b', any: 'a/b' },
    '//a.example/b': { path: '/a.example/b', any: 'a.example/b' },
    '/%75ser': { path: '/user', any: 'user' },
    '/...': { path: '/...', any: '...' },
    '/a..b': { path: '/a..b', any: 'a..b' },
    '/.hidden': { path: '/.hidden', any: '.hidden' },
    '/%252e%252e': { path: '/%2e%2e', any: '%2e%2e' },
    '/a%20b': { path: '/a b', any: 'a b' },
    '/a+b': { path: '/a+b', any: 'a+b' },
    '/a%3Fb%23c': { path: '/a?b#c', any: 'a?b#c' },
    '/a%2Fb': { path: '/a%2Fb', any: 'a/b' },
    '/a%2fb': { path: '/a%2Fb', any: 'a/b' },
    '/%E7%94%A8%E6%88%B7/%F0%9F%98%80': { path: '/用户/😀', any: '用户/😀' },
    '/constructor/__proto__': { path: '/constructor/__proto__', any: 'constructor/__proto__' },
  }
  for (const [url, expected] of Object.entries(served)) {
    bothWays(
      `${url} is ${expected.path}`,
      (server) => {
        server.bindHandler('/*any', (request) => ({
          path: request.path,
          any: request.params.any ?? '',
          url: request.url,
        }))
      },
      async (send) => {
        const answer = await send(url)
        expect(answer.status).to.equal(200)
        expect(answer.json()).to.deep.equal({ ...expected, url })
      },
    )
  }

  bothWays(
    '%2F never separates segments',
    (server) => {
      server.bindHandler('/a/b', () => 'two')
      server.bindHandler('/:one', (request) => `one ${request.params.one}`)
    },
    async (send) => {
      expect((await send('/a/b')).text).to.equal('two')
      expect((await send('/a%2Fb')).text).to.equal('one a/b')
      expect((await send('/a%2F%2Fb')).text).to.equal('one a//b')
    },
  )

  bothWays(
    '%2F around dots stays inside its segment',
    (server) => {
      server.bindHandler('/*any', () => 'star')
      server.bindHandler('/private/file', () => 'private')
    },
    async (send) => {
      for (const path of ['/x%2F..%2Fprivate/file', '/private%2Ffile', '/%2Fprivate/file']) {
        expect((await send(path)).text, path).to.not.equal('private')
      }
    },
  )

  bothWays(
    'a route may be written in any script, or with a blank',
    (server) => {
      server.bindHandler('/用户/:name', (request) => request.params.name)
      server.bindHandler('/пользователь/{id}.страница', (request) => request.params.id)
      server.bindHandler('/straße', () => 'street')
      server.bindHandler('/a b', () => 'blank')
    },
    async (send) => {
      expect((await send(encodeURI('/用户/张三'))).text).to.equal('张三')
      expect((await send(encodeURI('/пользователь/7.страница'))).text).to.equal('7')
      expect((await send(encodeURI('/straße'))).text).to.equal('street')
      expect((await send('/stra%C3%9Fe')).text).to.equal('street')
      expect((await send('/STRA%C3%9FE')).status).to.equal(404)
      expect((await send('/a%20b')).text).to.equal('blank')
    },
  )

  bothWays(
    'a guard sees every spelling of the path it guards',
    (server) => {
      server.bindMiddleware('/private/*', (request) => request.response.writeStatus(403))
      server.bindHandler('/private/file', () => 'secret')
      server.bindHandler('/*', () => 'open')
    },
    async (send) => {
      const spellings = [
        '/private/file',
        '/%70rivate/file',
        '//private//file/',
        '/private/%66ile',
        '/%70%72%69vate/file',
      ]
      for (const url of spellings) expect((await send(url)).status, url).to.equal(403)
      for (const url of ['/x/../private/file', '/private/./file', '/private\\file', '/private/file%00']) {
        expect((await send(url)).status, url).to.equal(400)
      }
      for (const url of ['/private%2Ffile', '/PRIVATE/file']) expect((await send(url)).text, url).to.equal('open')
    },
  )

  bothWays(
    'the query has no part in it',
    (server) => {
      server.bindHandler('/x', () => 'x')
    },
    async (send) => {
      for (const url of ['/x?a=/../b', '/x?a=%00', '/x?%zz', '/x?a=%', '/x?', '/x?a=\\', '/x/?a=1', '/x?a=b?c']) {
        expect((await send(url)).text, url).to.equal('x')
      }
    },
  )
})
