import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Request, Server, type SessionCookieOptions } from 'tribind'
import { bothWays, sendByInject } from './both-ways.ts'
import { CountingStore } from './counting-store.ts'
import { createClient } from './session-client.ts'
import { registerValues, secret, withStore } from './session-routes.ts'

describe('session: its cookie', () => {
  const attributesOf = (field = '') => field.split('; ').slice(1)

  bothWays(
    'has the defaults of all cookies, and a signature',
    registerValues,
    async (send, _world, { isSecure }) => {
      const [field = ''] = (await send('/set/a/1')).headerAll('set-cookie')
      expect(field).to.match(/^connect\.sid=s%3A[\w-]{32}\.[^;]{43,}; /)
      expect(attributesOf(field)).to.have.members([
        'Path=/',
        'HttpOnly',
        'SameSite=Lax',
        ...(isSecure ? ['Secure'] : []),
      ])
    },
    { session: { secret } },
  )

  bothWays(
    'has what it is told',
    registerValues,
    async (send) => {
      const { ask } = createClient(send)
      const [field] = (await ask('/set/a/1')).headerAll('set-cookie')
      expect(field).to.match(/^sid=/)
      const attributes = attributesOf(field)
      expect(attributes).to.include.members(['Domain=a.example', 'SameSite=Strict'])
      expect(attributes).to.not.include('HttpOnly')
      const end = attributes.find((attribute) => attribute.startsWith('Expires='))
      expect(Date.parse((end as string).slice(8))).to.be.within(Date.now() + 58_000, Date.now() + 61_000)
      expect((await ask('/get/a')).json()).to.deep.equal({ value: '1' })
    },
    {
      session: {
        secret,
        name: 'sid',
        cookie: { maxAge: 60_000, domain: 'a.example', sameSite: 'strict', httpOnly: false },
      },
    },
  )

  const ageOf = (field: string) => Date.parse(/Expires=([^;]*)/.exec(field)?.[1] ?? '') - Date.now()

  it('renewed by rolling, has the attributes of today, not those the session began with', async () => {
    const store = new CountingStore()
    const start = (cookie: SessionCookieOptions) => {
      const server = new Server({ session: { secret, store, rolling: true, cookie } })
      registerValues(server)
      return sendByInject(server)
    }
    const cookies = new Map<string, string>()
    const before = start({ maxAge: 3_600_000, domain: 'a.example', sameSite: 'none', secure: false, httpOnly: false })
    await createClient(before, cookies).ask('/set/a/1')
    const { ask } = createClient(start({ maxAge: 60_000, sameSite: 'strict' }), cookies)
    for (const path of ['/plain', '/set/a/2', '/plain']) {
      const [field = ''] = (await ask(path)).headerAll('set-cookie')
      expect(attributesOf(field).filter((attribute) => !attribute.startsWith('Expires'))).to.have.members([
        'Path=/',
        'HttpOnly',
        'SameSite=Strict',
      ])
      expect(ageOf(field)).to.be.within(55_000, 61_000)
    }
    const [field = ''] = (await createClient(start({}), cookies).ask('/plain')).headerAll('set-cookie')
    expect(attributesOf(field)).to.have.members(['Path=/', 'HttpOnly', 'SameSite=Lax'])
  })

  it('keeps the age that a function chose when the session began, and no other attribute', async () => {
    const server = new Server({
      session: {
        secret,
        rolling: true,
        cookie: ({ path }) =>
          path === '/set/remember/1' ? { maxAge: 3_600_000, sameSite: 'strict' } : { expires: new Date(0) },
      },
    })
    registerValues(server)
    const { ask } = createClient(sendByInject(server))
    expect((await ask('/set/remember/1')).headerAll('set-cookie')[0]).to.include('SameSite=Strict')
    for (const path of ['/plain', '/set/a/2', '/plain']) {
      const [field = ''] = (await ask(path)).headerAll('set-cookie')
      expect(field).to.include('SameSite=Lax')
      expect(ageOf(field)).to.be.within(3_590_000, 3_601_000)
    }
  })

  const secure = withStore({ cookie: () => ({ secure: true }) })
  bothWays(
    'for https alone is not sent over http, and nothing is stored for nobody',
    registerValues,
    async (send, _, { log, isSecure }) => {
      const before = secure.store.count
      const cookies = isSecure ? 1 : 0
      for (let i = 0; i < 3; i++) expect((await send('/set/a/1')).headerAll('set-cookie')).to.have.length(cookies)
      expect(secure.store.count - before).to.equal(3 * cookies)
      expect(log.filter(({ level }) => level === 'warn')).to.have.length(isSecure ? 0 : 1)
    },
    secure.options,
  )

  bothWays(
    'for some paths leaves the others without sessions',
    (server) => {
      registerValues(server)
      server.bindHandler('/admin/set', ({ session }) => session.set('a', 1))
      server.bindHandler('/admin/get', ({ session }) => session.get('a'))
    },
    async (send) => {
      const { ask, text } = createClient(send)
      expect((await ask('/admin/set')).headerAll('set-cookie')[0]).to.include('; Path=/admin;')
      expect(await text('/admin/get')).to.equal('1')
      expect((await ask('/get/a')).status).to.equal(500)
      expect((await ask('/plain')).status).to.equal(200)
    },
    { session: { secret, cookie: { path: '/admin' } } },
  )

  it('is accepted under each of the secrets, signed with the first', async () => {
    const store = new CountingStore()
    const start = (secret: string | string[]) => {
      const server = new Server({ session: { secret, store } })
      registerValues(server)
      return sendByInject(server)
    }
    const cookies = new Map<string, string>()
    await createClient(start('old'), cookies).ask('/set/a/1')
    expect(await createClient(start(['new', 'old']), cookies).text('/has/a')).to.equal('true')
    expect(await createClient(start('new'), cookies).text('/has/a')).to.equal('false')
  })
})

describe('session: options', () => {
  it('turns sessions on; without it request.session says how', async () => {
    const server = new Server({ logger: console })
    let thrown: unknown
    server.bindHandler('/x', (request: Request) => {
      try {
        void request.session
      } catch (error) {
        thrown = error
      }
    })
    await server.inject({ url: '/x', headers: { cookie: 'connect.sid=s%3Ax.y' } })
    expect(thrown).to.have.property('code', 'ERR_TRIBIND_STATE')
    expect((thrown as Error).message).to.include('session: { secret')
  })

  const wrong: [object, string][] = [
    [{}, 'session.secret'],
    [{ secret: '' }, 'session.secret'],
    [{ secret: [] }, 'session.secret'],
    [{ secret: ['a', ''] }, 'session.secret'],
    [{ secret, sercet: 1 }, 'session.sercet'],
    [{ secret, proxy: true }, 'trustProxy'],
    [{ secret, store: {} }, 'session.store'],
    [{ secret, name: 'a b' }, 'session'],
    [{ secret, rolling: 1 }, 'session.rolling'],
    [{ secret, unset: 'x' }, 'session.unset'],
    [{ secret, genid: 'x' }, 'session.genid'],
    [{ secret, cookie: { maxage: 1 } }, 'session.cookie.maxage'],
    [{ secret, cookie: { sameSite: 'Lax' } }, 'session.cookie.sameSite'],
    [{ secret, cookie: { path: 'x' } }, 'session.cookie.path'],
    [{ secret, cookie: { domain: 'a b' } }, 'session'],
  ]
  for (const [session, named] of wrong) {
    it(`refuses ${JSON.stringify(session)} and names ${named}`, () => {
      expect(() => Reflect.construct(Server, [{ session }]))
        .to.throw(named)
        .with.property('code', 'ERR_TRIBIND_CONFIG')
    })
  }

  it('never shows a secret in an error', () => {
    expect(() => Reflect.construct(Server, [{ cookieSecret: ['hidden', 1] }])).to.throw(/cookieSecret(?!.*hidden)/)
  })

  it('makes no noise', async () => {
    const said: unknown[] = []
    const { warn, error } = console
    console.warn = console.error = (...parts: unknown[]) => said.push(parts)
    process.env.NODE_ENV = 'production'
    try {
      const server = new Server({ session: { secret } })
      registerValues(server)
      await server.inject({ url: '/set/a/1' })
    } finally {
      Object.assign(console, { warn, error })
      delete process.env.NODE_ENV
    }
    expect(said).to.deep.equal([])
  })

  bothWays(
    'genid is called with the request',
    registerValues,
    async (send) => {
      expect(await createClient(send).text('/id')).to.match(/^\/id-\d+$/)
    },
    { session: { secret, genid: (request) => `${request.path}-${Math.floor(Math.random() * 1e9)}` } },
  )

  bothWays(
    'a genid that fails, fails the requests that need an id and no other',
    registerValues,
    async (send) => {
      for (let i = 0; i < 2; i++) expect((await send('/set/a/1')).status).to.equal(500)
      expect((await send('/plain')).status).to.equal(200)
      expect((await send('/get/a')).status).to.equal(200)
    },
    {
      session: {
        secret,
        genid() {
          throw new Error('secret')
        },
      },
    },
  )

  for (const [what, id] of Object.entries({
    nothing: undefined,
    'an empty string': '',
    'a number': 5,
    'a promise': Promise.resolve('id'),
  })) {
    it(`genid that returns ${what} fails the request and stores nothing`, async () => {
      const { store, options } = withStore({ genid: () => id as string })
      const server = new Server(options)
      registerValues(server)
      expect((await server.inject({ url: '/set/a/1' })).status).to.equal(500)
      expect((await server.inject({ url: '/plain' })).status).to.equal(200)
      expect(store.count).to.equal(0)
    })
  }

  it('loads express-session only where it is asked for', () => {
    const code = `
      import { createRequire } from 'node:module'
      import { Server } from 'tribind'
      const { cache } = createRequire(import.meta.url)
      const isLoaded = () => Object.keys(cache).some((file) => file.includes('express-session'))
      new Server()
      const before = isLoaded()
      new Server({ session: { secret: 'a' } })
      console.log(before, isLoaded())`
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const args = ['--import=tsx', '--conditions=source', '--input-type=module', '-e', code]
    expect(spawnSync(process.execPath, args, { cwd, encoding: 'utf8' }).stdout).to.equal('false true\n')
  })
})
