import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { Server } from 'tribind'
import { bothWays, sendByInject } from './both-ways.ts'

function register(server: Server): void {
  server.bindHandler('/set', ({ cookie, query }) => {
    cookie.set(String(query.name ?? 'a'), String(query.v), { signed: true })
    return [cookie.get('a') ?? null, cookie.get('a', { signed: true }) ?? null]
  })
  server.bindHandler('/unsigned', ({ cookie, query }) => {
    cookie.set('a', String(query.v))
    return [cookie.get('a') ?? null, cookie.get('a', { signed: true }) ?? null]
  })
  server.bindHandler('/get', ({ cookie }) => [cookie.get('a') ?? null, cookie.get('a', { signed: true }) ?? null])
  server.bindHandler('/all', ({ cookie }) => cookie.all())
}

const pairOf = (field = '') => field.split(';')[0] as string

describe('signed cookies', () => {
  bothWays(
    'come back as they were set, and as signed',
    register,
    async (send, _world, { isSecure }) => {
      const attributes = isSecure
        ? /^a=s:[^;]*; Path=\/; HttpOnly; Secure; SameSite=Lax$/
        : /^a=s:[^;]*; Path=\/; HttpOnly; SameSite=Lax$/
      for (const value of ['plain', '', 'a b;c,d=e', 'é😀', '%41', 's:x', 's:x.y', 'a.b.c', `x\r\nset-cookie: e=1`]) {
        const set = await send(`/set?v=${encodeURIComponent(value)}`)
        expect(set.json(), value).to.deep.equal([value, value])
        const fields = set.headerAll('set-cookie')
        expect(fields, value).to.have.length(1)
        expect(fields[0]).to.match(attributes)
        const headers = { cookie: pairOf(fields[0]) }
        expect((await send({ url: '/get', headers })).json(), value).to.deep.equal([value, value])
        expect((await send({ url: '/all', headers })).json(), value).to.deep.equal({ a: value })
      }
    },
    { cookieSecret: 'secret' },
  )

  bothWays(
    'are never read when they were tampered with',
    register,
    async (send) => {
      const pair = pairOf((await send('/set?v=user-1')).headerAll('set-cookie')[0])
      const signature = pair.slice(pair.lastIndexOf('.') + 1)
      const other = pairOf((await send('/set?name=b&v=user-1')).headerAll('set-cookie')[0])
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const last = alphabet[alphabet.indexOf(signature.at(-1) as string) ^ 1] as string
      const withoutName = createHmac('sha256', 'secret').update('user-2').digest('base64url')
      const forged = [
        pair.replace('user-1', 'user-2'),
        pair.replace('user-1', ''),
        `${pair.slice(0, -1)}${last}`,
        pair.replace(signature, 'A'.repeat(43)),
        pair.replace(signature, signature.toLowerCase()),
        other.replace('b=', 'a='),
        `a=s:user-2.${withoutName}`,
      ]
      for (const cookie of forged) {
        expect(cookie).to.not.equal(pair)
        expect((await send({ url: '/get', headers: { cookie } })).json(), cookie).to.deep.equal([null, null])
        expect((await send({ url: '/all', headers: { cookie } })).json(), cookie).to.deep.equal({})
      }
      for (const cookie of ['a=user-2', 'a=s:user-2', 'a=s%3Auser-2', `${pair}x`, pair.slice(0, -1), 'a=s:.']) {
        const [plain, signed] = (await send({ url: '/get', headers: { cookie } })).json() as unknown[]
        expect(signed, cookie).to.equal(null)
        expect(plain, cookie).to.not.equal('user-1')
      }
    },
    { cookieSecret: 'secret' },
  )

  bothWays(
    'one that is set without a signature is none',
    register,
    async (send) => {
      const answer = await send('/unsigned?v=x')
      expect(answer.json()).to.deep.equal(['x', null])
      const headers = { cookie: pairOf(answer.headerAll('set-cookie')[0]) }
      expect((await send({ url: '/get', headers })).json()).to.deep.equal(['x', null])
    },
    { cookieSecret: ['secret'] },
  )

  it('are signed with the first secret and verified with all', async () => {
    const serve = (cookieSecret: string | string[]) => {
      const server = new Server({ cookieSecret })
      register(server)
      return sendByInject(server)
    }
    const cookie = pairOf((await serve('old')('/set?v=1')).headerAll('set-cookie')[0])
    const get = async (secret: string | string[], pair: string) =>
      ((await serve(secret)({ url: '/get', headers: { cookie: pair } })).json() as unknown[])[1]
    expect(await get(['new', 'old'], cookie)).to.equal('1')
    expect(await get('new', cookie)).to.equal(null)
    const renewed = pairOf((await serve(['new', 'old'])('/set?v=1')).headerAll('set-cookie')[0])
    expect(await get('new', renewed)).to.equal('1')
    expect(await get('old', renewed)).to.equal(null)
  })

  bothWays(
    'need a secret',
    (server) => {
      const codes: unknown[] = []
      server.bindHandler('/x', ({ cookie }) => {
        for (const act of [() => cookie.set('a', '1', { signed: true }), () => cookie.get('a', { signed: true })]) {
          try {
            act()
          } catch (error) {
            codes.push((error as { code: unknown }).code, (error as Error).message.includes('cookieSecret'))
          }
        }
      })
      return codes
    },
    async (send, codes) => {
      const answer = await send({ url: '/x', headers: { cookie: 'a=s:1.x' } })
      expect(codes).to.deep.equal(['ERR_TRIBIND_COOKIE', true, 'ERR_TRIBIND_COOKIE', true])
      expect(answer.headerAll('set-cookie')).to.deep.equal([])
    },
  )

  for (const cookieSecret of ['', [], [''], 1, ['a', 1], null]) {
    it(`refuse ${JSON.stringify(cookieSecret)} as a secret`, () => {
      expect(() => Reflect.construct(Server, [{ cookieSecret }]))
        .to.throw('cookieSecret')
        .with.property('code', 'ERR_TRIBIND_CONFIG')
    })
  }
})

describe('cookies that RFC 6265 forbids', () => {
  const forbidden: [string, object][] = [
    ...['', 'a b', 'a=b', 'a;b', 'a,b', 'a"b', 'a(b', 'a/b', 'a[b', 'a@b', 'é', 'a\tb', 'a\r\nb', '\0'].map(
      (name) => [name, {}] as [string, object],
    ),
    ['a', { path: '/;Secure' }],
    ['a', { path: '/\r\nx: y' }],
    ['a', { domain: 'a b' }],
    ['a', { domain: 'a;b' }],
    ['a', { maxAge: 1.5 }],
    ['a', { maxAge: NaN }],
    ['a', { expires: new Date(NaN) }],
    ['a', { sameSite: 'x' }],
    ['a', { priority: 'x' }],
    ['__Host-a', { secure: false }],
    ['__Host-a', { secure: true, path: '/x' }],
    ['__Host-a', { secure: true, domain: 'a.example' }],
    ['__Secure-a', { secure: false }],
  ]
  bothWays(
    'are refused, by name',
    (server) => {
      server.bindHandler('/:i', ({ cookie, params }) => {
        const [name, options] = forbidden[Number(params.i)] as [string, object]
        try {
          cookie.set(name, 'x', options)
          return 'set'
        } catch (error) {
          return [(error as { code: unknown }).code, (error as Error).message.includes(JSON.stringify(name))]
        }
      })
      server.bindHandler('/value', ({ cookie }) => cookie.set('a', '\ud800'))
      server.bindHandler('/fine', ({ cookie }) => {
        cookie.set('__Host-a', '1', { secure: true })
        cookie.set("!#$%&'*+-.^_`|~09azAZ", '1')
      })
    },
    async (send) => {
      for (const [i, [name, options]] of forbidden.entries()) {
        const answer = await send(`/${i}`)
        const what = JSON.stringify([name, options])
        expect(answer.json(), what).to.deep.equal(['ERR_TRIBIND_COOKIE', true])
        expect(answer.headerAll('set-cookie'), what).to.deep.equal([])
      }
      expect((await send('/value')).status).to.equal(500)
      expect((await send('/fine')).headerAll('set-cookie')).to.have.length(2)
    },
  )
})
