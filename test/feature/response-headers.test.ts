import { expect } from 'chai'
import { bothWays, overHttp1, rawExchange } from './both-ways.ts'

describe('response: headers', () => {
  bothWays(
    'set, add, read and remove, whatever the case of the name',
    (server) => {
      server.bindHandler('/x', ({ response }) => {
        response.setHeader('X-One', 'first')
        response.setHeader('x-one', 'second')
        response.addHeader('X-Many', 'a')
        response.addHeader('x-many', 'b')
        response.setHeader('X-Gone', '1')
        response.removeHeader('x-GONE')
        response.write([
          response.header('X-ONE'),
          response.header('x-gone') ?? 'gone',
          response.header('x-never') ?? 'never',
        ])
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.json()).to.deep.equal(['second', 'gone', 'never'])
      expect(answer.header('x-one')).to.equal('second')
      expect(answer.header('x-many')).to.equal('a, b')
      expect(answer.header('x-gone')).to.equal(undefined)
    },
  )

  const bad = { CR: 'a\rb', LF: 'a\nx-evil: 1', CRLF: 'a\r\nx-evil: 1\r\n\r\nbody', NUL: 'a\0b' }
  for (const [name, value] of Object.entries(bad)) {
    bothWays(
      `${name} in a value is refused`,
      (server) => {
        server.bindHandler('/set', ({ response }) => response.setHeader('x-a', value))
        server.bindHandler('/add', ({ response }) => response.addHeader('x-a', value))
        server.bindHandler('/redirect', ({ response }) => response.redirectTo(`/${value}`))
        server.bindHandler('/type', ({ response }) => {
          response.setHeader('content-type', `text/plain; ${value}`)
          response.write('x')
        })
        server.bindHookHandler('/late', 'BeforePatch', ({ response }) => {
          response.setHeader('x-a', value)
        })
        server.bindHandler('/caught', ({ response }) => {
          try {
            response.setHeader('x-a', value)
          } catch (error) {
            return error instanceof Error ? 'refused' : 'odd'
          }
          return 'accepted'
        })
      },
      async (send) => {
        for (const path of ['/set', '/add', '/redirect', '/type', '/late']) {
          const answer = await send(path)
          expect(answer.status, path).to.equal(500)
          expect(answer.header('x-evil')).to.equal(undefined)
          expect(answer.header('x-a')).to.equal(undefined)
          expect(answer.header('location')).to.equal(undefined)
        }
        expect((await send('/caught')).text).to.equal('refused')
      },
    )
  }

  overHttp1(
    'go out in latin1 whatever the body is, also behind another response',
    (server) =>
      server.get('/:body', ({ params, response }) => {
        response.setHeader('X-Name', 'é')
        return params.body
      }),
    async (_send, _world, { port }) => {
      const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
      const requests = [get('/abc'), get('/%C3%A4'), get('/def'), get('/%C3%B6', 'Connection: close\r\n')]
      const received = await rawExchange(port, requests.join(''))
      expect(received.match(/(?<=X-Name: ).*/g)).to.deep.equal(['é', 'é', 'é', 'é'])
      expect(received).to.match(/\r\n\r\nÃ¶$/)
    },
  )
})

describe('response: redirects', () => {
  bothWays(
    'redirectTo and redirectBack',
    (server) => {
      server.bindHandler('/to', ({ response }) => response.redirectTo('/there?a=1'))
      server.bindHandler('/301', ({ response }) => response.redirectTo('https://a.example/x', 301))
      server.bindHandler('/relative', ({ response }) => response.redirectTo('next'))
      server.bindHandler('/back', ({ response }) => response.redirectBack())
      server.bindHandler('/back303', ({ response }) => response.redirectBack(303))
    },
    async (send) => {
      for (const [url, status, location] of [
        ['/to', 302, '/there?a=1'],
        ['/301', 301, 'https://a.example/x'],
        ['/relative', 302, 'next'],
        ['/back', 302, 'http://127.0.0.1/before'],
        ['/back303', 303, 'http://127.0.0.1/before'],
      ] as const) {
        const answer = await send({ url, headers: { referer: 'http://127.0.0.1/before' } })
        expect(answer.status, url).to.equal(status)
        const target = answer.header('location') ?? ''
        expect(url.startsWith('/back') ? new URL(target, 'http://127.0.0.1/').href : target, url).to.equal(location)
      }
    },
  )

  const refused = [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ftp://a.example/',
    'mailto:a@b',
  ]
  bothWays(
    'to other than http(s) or relative targets are refused',
    (server) => {
      server.bindHandler('/x', (request) => request.response.redirectTo(String(request.get('to'))))
    },
    async (send) => {
      for (const to of [...refused, ' javascript:alert(1)', '\tjavascript:alert(1)', 'java\nscript:alert(1)']) {
        const answer = await send(`/x?to=${encodeURIComponent(to)}`)
        expect(answer.status, to).to.equal(500)
        expect(answer.header('location'), to).to.equal(undefined)
      }
    },
  )

  bothWays(
    'a Referer cannot lead redirectBack there either',
    (server) => {
      server.bindHandler('/x', ({ response }) => response.redirectBack())
    },
    async (send) => {
      for (const referer of refused) {
        const answer = await send({ url: '/x', headers: { referer } })
        expect(answer.header('location') ?? '', referer).to.not.match(/^\s*(?:javascript|data|file|ftp|mailto):/i)
      }
    },
  )
})
