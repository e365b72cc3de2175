import { expect } from 'chai'
import type { Server } from 'tribind'
import { bothWays, overHttp1, rawExchange } from './both-ways.ts'
import type { Send } from './both-ways.ts'

const at = async (send: Send, host: string, url = '/x', method = 'GET') => {
  const answer = await send({ method, url, host })
  return answer.status === 200 ? answer.text : String(answer.status)
}

describe('domains', () => {
  bothWays(
    'a list of hosts, in any case, whatever the port',
    (server) => {
      const domain = server.domain('localhost, Local.Test')
      domain.bindHandler('/x', (request) => request.host)
      domain.bindHandler('POST:/post', () => 'post')
    },
    async (send) => {
      for (const host of ['localhost', 'LOCALHOST', 'localhost:8199'])
        expect(await at(send, host)).to.equal('localhost')
      expect(await at(send, 'local.test:80')).to.equal('local.test')
      expect(await at(send, '127.0.0.1')).to.equal('404')
      expect(await at(send, 'a.localhost')).to.equal('404')
      expect(await at(send, 'localhost', '/post', 'POST')).to.equal('post')
      expect(await at(send, 'localhost', '/post')).to.equal('404')
      expect(await at(send, '127.0.0.1', '/post', 'POST')).to.equal('404')
    },
  )

  bothWays(
    'a domain in the pattern is the same as server.domain()',
    (server) => {
      server.bindHandler('/x@a.example, b.example', () => 'ab')
      server.bindHandler('/x', () => 'any')
    },
    async (send) => {
      expect(await at(send, 'a.example')).to.equal('ab')
      expect(await at(send, 'b.example')).to.equal('ab')
      expect(await at(send, 'c.example')).to.equal('any')
    },
  )

  bothWays(
    '*. stands for every host below, and for none else',
    (server) => {
      server.bindHandler('/x@*.Example.com', (request) => request.host)
    },
    async (send) => {
      expect(await at(send, 'a.example.com')).to.equal('a.example.com')
      expect(await at(send, 'A.B.example.COM:8080')).to.equal('a.b.example.com')
      for (const host of ['example.com', 'badexample.com', 'a.example.com.evil.test', 'com']) {
        expect(await at(send, host), host).to.equal('404')
      }
    },
  )

  bothWays(
    'exact host, then the longest wildcard, then no domain',
    (server) => {
      server.bindHandler('/x', () => 'none')
      server.bindHandler('/x@*.example.com', () => 'wide')
      server.bindHandler('/x@*.b.example.com', () => 'narrow')
      server.bindHandler('/x@a.b.example.com', () => 'exact')
    },
    async (send) => {
      expect(await at(send, 'a.b.example.com')).to.equal('exact')
      expect(await at(send, 'c.b.example.com')).to.equal('narrow')
      expect(await at(send, 'b.example.com')).to.equal('wide')
      expect(await at(send, 'example.com')).to.equal('none')
    },
  )

  const shared = (server: Server) => {
    server.bindHandler('/common', () => 'common')
    server.bindHandler('/own', () => 'common own')
    server.bindHandler('/own@a.example', () => 'a own')
    server.bindHandler('/wild@*.example', () => 'wild')
    const seen: string[] = []
    server.bindHookHandler('/*', 'BeforeServe', (request) => {
      seen.push(`hook ${request.path}`)
    })
    server.use((request, next) => {
      seen.push(`middleware ${request.path}`)
      return next()
    })
    return seen
  }

  bothWays('a host with routes of its own also has the common ones', shared, async (send) => {
    expect(await at(send, 'a.example', '/own')).to.equal('a own')
    expect(await at(send, 'a.example', '/common')).to.equal('common')
    expect(await at(send, 'a.example', '/wild')).to.equal('wild')
    expect(await at(send, 'other.test', '/own')).to.equal('common own')
    expect(await at(send, 'other.test', '/wild')).to.equal('404')
  })

  bothWays(
    'under strictDomains it never sees them, but common hooks and middleware run',
    shared,
    async (send, seen) => {
      expect(await at(send, 'a.example', '/own')).to.equal('a own')
      seen.length = 0
      expect(await at(send, 'a.example', '/common')).to.equal('404')
      expect(seen).to.deep.equal(['hook /common', 'middleware /common'])
      expect(await at(send, 'a.example', '/wild')).to.equal('wild')
      expect(await at(send, 'b.example', '/own')).to.equal('404')
      expect(await at(send, 'b.example', '/wild')).to.equal('wild')
      expect(await at(send, 'other.test', '/own')).to.equal('common own')
      expect(await at(send, 'example', '/common')).to.equal('common')
    },
    { strictDomains: true },
  )

  bothWays(
    'hooks, middleware and status handlers of a domain are only its own',
    (server) => {
      server.bindHandler('/x', (request) => request.response.write('x'))
      const domain = server.domain('a.example')
      domain.bindHookHandler('/*', 'BeforeServe', (request) => request.response.write('h'))
      domain.use(async (request, next) => {
        request.response.write('(')
        await next()
        request.response.write(')')
      })
      domain.bindHandler('/gone', (request) => request.response.writeStatus(410))
      domain.bindStatusHandler(410, (request) => request.response.writeOver('410 page'))
      server.bindHandler('/gone@b.example', (request) => request.response.writeStatus(410))
    },
    async (send) => {
      expect(await at(send, 'a.example')).to.equal('h(x)')
      expect(await at(send, 'b.example')).to.equal('x')
      expect((await send({ url: '/gone', host: 'a.example' })).text).to.equal('410 page')
      expect((await send({ url: '/gone', host: 'b.example' })).text).to.equal('Gone')
    },
  )

  bothWays(
    "a domain's 404 page",
    (server) => {
      const domain = server.domain('localhost, local.test')
      domain.bindHandler('/', () => 'hello')
      domain.bindStatusHandler(404, (request) => request.response.writeOver('404 page'))
    },
    async (send) => {
      for (const host of ['localhost', 'local.test']) {
        expect(await at(send, host, '/')).to.equal('hello')
        expect((await send({ url: '/none', host })).text).to.equal('404 page')
      }
      expect((await send('/')).text).to.equal('Not Found')
      expect((await send('/none')).text).to.equal('Not Found')
    },
  )

  bothWays(
    'controllers, objects and groups on domains',
    (server) => {
      const shows = { show1: () => '1', show2: () => '2', show3: () => '3', show4: () => '4' }
      server.domain('127.0.0.1').bindObjectMethod('/object', shows, 'show1, show2, show3')
      server.domain('localhost').bindObject('/object', shows)
      server.domain('localhost').group('/api', (group) => {
        group.get('/{table}/list/{page}.html', (request) => `${request.params.table}&${request.params.page}`)
      })
      class User {
        name() {
          return 'john'
        }
      }
      server.domain('localhost').bindController('/user', User)
    },
    async (send) => {
      expect(await at(send, '127.0.0.1', '/object/show1')).to.equal('1')
      expect(await at(send, '127.0.0.1', '/object/show4')).to.equal('404')
      expect(await at(send, 'localhost', '/object/show4')).to.equal('4')
      expect(await at(send, 'localhost', '/api/t/list/2.html')).to.equal('t&2')
      expect(await at(send, '127.0.0.1', '/api/t/list/2.html')).to.equal('404')
      expect(await at(send, 'localhost', '/user/name')).to.equal('john')
      expect(await at(send, '127.0.0.1', '/user/name')).to.equal('404')
    },
  )
})

describe('domains: a Host that has two readings is 400', () => {
  const heads: Record<string, string> = {
    'two Host fields': 'Host: a.example\r\nHost: b.example\r\n',
    'the same twice': 'Host: a.example\r\nHost: a.example\r\n',
    'a list': 'Host: a.example, b.example\r\n',
    'an @': 'Host: user@a.example\r\n',
    'a port that is none': 'Host: a.example:http\r\n',
    'a port out of range': 'Host: a.example:99999\r\n',
  }
  for (const [name, head] of Object.entries(heads)) {
    overHttp1(
      name,
      (server) => {
        server.bindHandler('/', () => 'served')
      },
      async (_send, _world, { port }) => {
        const answer = await rawExchange(port, `GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
        expect(answer).to.match(/^HTTP\/1\.1 400 /)
        expect(answer).to.not.include('served')
      },
    )
  }

  overHttp1(
    'but other fields may come twice, and hold what they like',
    (server) => {
      server.bindHandler('/', () => 'served')
    },
    async (_send, _world, { port }) => {
      const head = 'From: a@b, c\r\nFrom: d\r\nHOST: a.example:80\r\nLink: <x>\r\nX-Host: b.example\r\n'
      const answer = await rawExchange(port, `GET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
      expect(answer).to.match(/^HTTP\/1\.1 200 /)
    },
  )
})
