import { expect } from 'chai'
import { Controller } from 'tribind'
import { bothWays } from './both-ways.ts'

/** The parts of a Set-Cookie field, in lower case but for the pair. */
function partsOf(field: string | undefined): { pair: string; attributes: string[] } {
  const [pair = '', ...attributes] = (field ?? '').split(';').map((part) => part.trim())
  return { pair, attributes: attributes.map((attribute) => attribute.toLowerCase()).sort() }
}

const defaultsOver = (isSecure: boolean) => ['httponly', 'path=/', 'samesite=lax', ...(isSecure ? ['secure'] : [])]

describe('cookies', () => {
  bothWays(
    'get and all read what the request brings',
    (server) => {
      server.bindHandler('/x', ({ cookie }) => ({
        a: cookie.get('a'),
        b: cookie.get('b'),
        none: cookie.get('none') ?? 'none',
        proto: cookie.get('toString') ?? 'none',
        all: cookie.all(),
      }))
    },
    async (send) => {
      const answer = await send({ url: '/x', headers: { cookie: 'a=1; b=%C3%A9%20%3B; c="quoted"' } })
      expect(answer.json()).to.deep.include({ a: '1', b: 'é ;', none: 'none', proto: 'none' })
      expect(answer.json()).to.have.property('all').that.includes({ a: '1', b: 'é ;' })
      expect((await send('/x')).json()).to.deep.equal({ none: 'none', proto: 'none', all: {} })
    },
  )

  bothWays(
    'what a client sends ill-formed harms nobody',
    (server) => {
      server.bindHandler('/x', ({ cookie }) => ({ good: cookie.get('good'), evil: Reflect.get({}, 'evil') ?? 'none' }))
    },
    async (send) => {
      for (const ill of ['bad=%zz', '=', ';;;', '__proto__=evil', '__proto__[evil]=1', 'a'.repeat(500), 'x=\u00ff']) {
        const answer = await send({ url: '/x', headers: { cookie: `${ill}; good=1` } })
        expect(answer.status, ill).to.equal(200)
        expect(answer.json(), ill).to.deep.equal({ good: '1', evil: 'none' })
      }
    },
  )

  bothWays(
    'set sends one with the defaults',
    (server) => {
      server.bindHandler('/x', ({ cookie }) => cookie.set('name', 'value'))
    },
    async (send, _world, { isSecure }) => {
      const fields = (await send('/x')).headerAll('set-cookie')
      expect(fields).to.have.length(1)
      expect(partsOf(fields[0])).to.deep.equal({ pair: 'name=value', attributes: defaultsOver(isSecure) })
    },
  )

  bothWays(
    'set with options',
    (server) => {
      server.bindHandler('/x', ({ cookie }) => {
        cookie.set('a', '1', {
          path: '/sub',
          httpOnly: false,
          maxAge: 60,
          sameSite: 'strict',
          secure: true,
          domain: 'a.example',
        })
        cookie.set('b', '2')
      })
    },
    async (send) => {
      const fields = (await send('/x')).headerAll('set-cookie')
      expect(fields).to.have.length(2)
      const a = partsOf(fields.find((field) => field.startsWith('a=')))
      expect(a.pair).to.equal('a=1')
      expect(a.attributes).to.include.members(['path=/sub', 'samesite=strict', 'secure', 'domain=a.example'])
      expect(a.attributes).to.not.include('httponly')
      expect(a.attributes.some((attribute) => attribute.startsWith('max-age='))).to.equal(true)
      expect(partsOf(fields.find((field) => field.startsWith('b='))).pair).to.equal('b=2')
    },
  )

  bothWays(
    'a value comes back as it was set, and cannot add anything',
    (server) => {
      server.bindHandler('/set', (request) => request.cookie.set('name', String(request.query.v)))
      server.bindHandler('/get', (request) => ({ value: request.cookie.get('name') }))
    },
    async (send, _world, { isSecure }) => {
      for (const value of [
        'plain',
        'a b;c,d=e',
        'é😀',
        '"q"',
        '%41',
        'a\r\nset-cookie: evil=1',
        'a; Path=/evil; Secure',
        '',
      ]) {
        const set = await send(`/set?v=${encodeURIComponent(value)}`)
        const fields = set.headerAll('set-cookie')
        expect(set.status, value).to.equal(200)
        expect(fields, value).to.have.length(1)
        const { pair, attributes } = partsOf(fields[0])
        expect(attributes, value).to.deep.equal(defaultsOver(isSecure))
        expect((await send({ url: '/get', headers: { cookie: pair } })).json(), value).to.deep.equal({ value })
      }
    },
  )

  bothWays(
    'a name that is none is refused',
    (server) => {
      server.bindHandler('/x', (request) => request.cookie.set(String(request.query.name), 'v'))
    },
    async (send) => {
      for (const name of ['a b', 'a=b', 'a;b', 'a\r\nx-evil: 1', '']) {
        const answer = await send(`/x?name=${encodeURIComponent(name)}`)
        expect(answer.status, name).to.equal(500)
        expect(answer.headerAll('set-cookie')).to.deep.equal([])
        expect(answer.header('x-evil')).to.equal(undefined)
      }
    },
  )

  bothWays(
    'remove expires it, under the same path and domain',
    (server) => {
      server.bindHandler('/x', ({ cookie }) => cookie.remove('a'))
      server.bindHandler('/sub', ({ cookie }) => cookie.remove('a', { path: '/sub', domain: 'a.example' }))
    },
    async (send) => {
      for (const [url, path] of [
        ['/x', 'path=/'],
        ['/sub', 'path=/sub'],
      ] as const) {
        const answer = await send({ url, headers: { cookie: 'a=1' } })
        const { pair, attributes } = partsOf(answer.headerAll('set-cookie')[0])
        expect(pair).to.match(/^a=/)
        expect(attributes).to.include(path)
        const expires = attributes.find((attribute) => attribute.startsWith('expires='))?.slice(8)
        const past = expires !== undefined && Date.parse(expires) < Date.now()
        expect(past || attributes.includes('max-age=0'), 'it is expired').to.equal(true)
      }
    },
  )

  bothWays(
    'those set in BeforePatch are packed, too, and for a 404',
    (server) => {
      server.bindHookHandlerByMap('/*', {
        BeforeServe: ({ cookie }) => {
          cookie.set('early', '1')
        },
        BeforePatch: ({ cookie }) => {
          cookie.set('late', '1')
        },
      })
      server.bindHandler('/ok', () => 'ok')
    },
    async (send) => {
      for (const path of ['/ok', '/none']) {
        const names = (await send(path)).headerAll('set-cookie').map((field) => field.split('=')[0])
        expect(names, path).to.have.members(['early', 'late'])
      }
    },
  )

  bothWays(
    'a controller has them, too',
    (server) => {
      class Visits extends Controller {
        get() {
          const visits = Number(this.cookie.get('visits') ?? 0) + 1
          this.cookie.set('visits', String(visits))
          return visits
        }
      }
      server.bindControllerRest('/visits', Visits)
    },
    async (send) => {
      const first = await send('/visits')
      const { pair } = partsOf(first.headerAll('set-cookie')[0])
      expect(first.text).to.equal('1')
      expect((await send({ url: '/visits', headers: { cookie: pair } })).text).to.equal('2')
    },
  )
})
