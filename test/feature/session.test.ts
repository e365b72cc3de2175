import { expect } from 'chai'
import { Controller, type Request, Server, type SessionOptions } from 'tribind'
import { bothWays, sendByInject } from './both-ways.ts'
import { CountingStore } from './counting-store.ts'
import { createClient } from './session-client.ts'

const secret = 'a secret'

function register(server: Server): void {
  server.bindHandler('/plain', () => 'plain')
  server.bindHandler('/set/:key/:value', ({ session, params }) => session.set(params.key, params.value))
  server.bindHandler('/get/:key', ({ session, params }) => ({ value: session.get(params.key) ?? null }))
  server.bindHandler('/has/:key', ({ session, params }) => session.has(params.key))
  server.bindHandler('/remove/:key', ({ session, params }) => session.remove(params.key))
  server.bindHandler('/data', ({ session }) => session.data())
  server.bindHandler('/clear', ({ session }) => session.clear())
  server.bindHandler('/id', ({ session }) => session.id)
  server.bindHandler('/push', ({ session }) => {
    const list = session.get<number[]>('list') ?? []
    list.push(list.length)
    if (list.length === 1) session.set('list', list)
    return list
  })
}

function withStore(options: Partial<SessionOptions> = {}) {
  const store = new CountingStore()
  return { store, options: { session: { secret, store, ...options } } }
}

describe('session: values', () => {
  bothWays(
    'come back with the next request of the same client, and of no other',
    register,
    async (send) => {
      const [ann, bob] = [createClient(send), createClient(send)]
      await ann.ask('/set/name/Ann')
      await bob.ask('/set/name/Bob')
      expect((await ann.ask('/get/name')).json()).to.deep.equal({ value: 'Ann' })
      expect((await bob.ask('/get/name')).json()).to.deep.equal({ value: 'Bob' })
      expect((await send('/get/name')).json()).to.deep.equal({ value: null })
    },
    { session: { secret } },
  )

  bothWays(
    'has, remove, data and clear',
    register,
    async (send) => {
      const { text } = createClient(send)
      await text('/set/a/1')
      await text('/set/b/2')
      expect(await text('/has/a')).to.equal('true')
      expect(JSON.parse(await text('/data'))).to.deep.equal({ a: '1', b: '2' })
      await text('/remove/a')
      expect(await text('/has/a')).to.equal('false')
      expect(JSON.parse(await text('/data'))).to.deep.equal({ b: '2' })
      const id = await text('/id')
      await text('/clear')
      expect(JSON.parse(await text('/data'))).to.deep.equal({})
      expect(await text('/id'), 'the session stays').to.equal(id)
    },
    { session: { secret } },
  )

  bothWays(
    'what is changed inside of a value is saved, too',
    register,
    async (send) => {
      const { text } = createClient(send)
      for (const list of ['[0]', '[0,1]', '[0,1,2]']) expect(await text('/push')).to.equal(list)
    },
    { session: { secret } },
  )

  bothWays(
    'any key is just a key',
    (server) => {
      register(server)
      server.bindHandler('/evil', ({ session }) => {
        session.set('__proto__', { polluted: true })
        session.set('constructor', { prototype: { polluted: true } })
      })
      server.bindHandler('/polluted', () => 'polluted' in {})
    },
    async (send) => {
      const { ask, text } = createClient(send)
      const keys = [
        'cookie',
        'id',
        'req',
        'save',
        'touch',
        'toJSON',
        '__proto__',
        'toString',
        'hasOwnProperty',
        '~',
        '~id',
      ]
      for (const key of keys) {
        expect(await text(`/has/${key}`), key).to.equal('false')
        expect((await ask(`/set/${key}/v-${key}`)).status, key).to.equal(200)
      }
      for (const key of keys) expect((await ask(`/get/${key}`)).json(), key).to.deep.equal({ value: `v-${key}` })
      const data = (await ask('/data')).json() as object
      expect(Object.getOwnPropertyNames(data).sort()).to.deep.equal(keys.toSorted())
      expect((await ask('/evil')).status).to.equal(200)
      expect(await text('/polluted')).to.equal('false')
      expect((await ask('/get/__proto__')).json()).to.deep.equal({ value: { polluted: true } })
    },
    { session: { secret } },
  )

  bothWays(
    'a controller has it, in init and shut as well',
    (server) => {
      class Visits extends Controller {
        override init() {
          this.session.set('visits', (this.session.get<number>('visits') ?? 0) + 1)
        }
        index() {
          return this.session.get('visits')
        }
        override shut() {
          this.session.set('shut', 1)
        }
      }
      server.bindController('/visits', Visits)
      server.bindHandler('/data', ({ session }) => session.data())
    },
    async (send) => {
      const { text } = createClient(send)
      expect(await text('/visits')).to.equal('1')
      expect(await text('/visits')).to.equal('2')
      expect(JSON.parse(await text('/data'))).to.deep.equal({ visits: 2, shut: 1 })
    },
    { session: { secret } },
  )

  bothWays(
    'are there in BeforeServe, saved after BeforePatch and also after exitAll; later is too late',
    (server) => {
      const seen: unknown[] = []
      register(server)
      server.bindHookHandlerByMap('/hook/*', {
        BeforeServe: ({ session }) => {
          seen.push(session.get('a'))
          session.set('a', 'early')
        },
        BeforePatch: ({ session }) => session.set('b', 'late'),
        AfterClose: ({ session }) => {
          seen.push(session.get('b'))
        },
      })
      server.bindHandler('/hook/x', () => 'x')
      server.bindHandler('/all', (request) => {
        request.session.set('all', 1)
        request.exitAll()
      })
      server.bindHandler('/late', () => 'late')
      server.bindHookHandler('/late', 'AfterPatch', ({ session }) => session.set('c', 1))
      return seen
    },
    async (send, seen, { log }) => {
      const { ask, text } = createClient(send)
      await text('/set/a/1')
      await text('/hook/x')
      await text('/all')
      expect(seen.slice(0, 1)).to.deep.equal(['1'])
      expect(JSON.parse(await text('/data'))).to.deep.equal({ a: 'early', b: 'late', all: 1 })
      expect((await ask('/late')).status).to.equal(500)
      expect(JSON.stringify(log.map(({ fields }) => String((fields as { error?: unknown }).error)))).to.include(
        'BeforePatch',
      )
      expect(JSON.parse(await text('/data'))).to.not.have.property('c')
      expect(seen).to.deep.equal(['1', 'late'])
    },
    { session: { secret } },
  )

  bothWays(
    'that JSON has no room for fail the request, and the next is served',
    (server) => {
      register(server)
      server.bindHandler('/big', ({ session }) => session.set('n', 1n))
      server.bindHandler('/circle', ({ session }) => {
        const circle: Record<string, unknown> = {}
        session.set('circle', (circle.self = circle))
      })
    },
    async (send) => {
      const { ask } = createClient(send)
      for (const path of ['/big', '/circle']) {
        const answer = await ask(path)
        expect([answer.status, answer.text, answer.headerAll('set-cookie')]).to.deep.equal([
          500,
          'Internal Server Error',
          [],
        ])
      }
      expect((await ask('/set/a/1')).status).to.equal(200)
      expect((await ask('/big')).status).to.equal(500)
      expect((await ask('/data')).json()).to.deep.equal({ a: '1' })
    },
    { session: { secret } },
  )
})

describe('session: what it costs', () => {
  const { store, options } = withStore()
  bothWays(
    'reads and writes per request',
    register,
    async (send) => {
      const { ask, cookies } = createClient(send)
      void store.counts
      for (const path of ['/plain', '/get/a', '/id', '/data', '/none', '/clear', '/remove/a']) {
        const answer = await ask(path)
        expect(answer.headerAll('set-cookie'), path).to.deep.equal([])
        expect(store.counts, path).to.deep.equal([0, 0, 0])
      }
      await ask('/set/a/1')
      expect(cookies).to.have.length(1)
      expect(store.counts).to.deep.equal([0, 1, 0])
      for (const path of ['/plain', '/get/a', '/none', '/set/a/1']) {
        await ask(path)
        expect(store.counts, `${path}: one read, nothing changed`).to.deep.equal([1, 0, 0])
      }
      await ask('/set/a/2')
      expect(store.counts).to.deep.equal([1, 1, 0])
    },
    options,
  )

  for (const rolling of [true, false]) {
    const { store, options } = withStore({ rolling, cookie: { maxAge: 1000 } })
    bothWays(
      rolling ? 'rolling renews age and cookie each time' : 'else the age is renewed when a tenth of it is over',
      register,
      async (send) => {
        const { ask } = createClient(send)
        void store.counts
        await ask('/set/a/1')
        expect(store.counts).to.deep.equal([0, 1, 0])
        expect((await ask('/plain')).headerAll('set-cookie')).to.have.length(rolling ? 1 : 0)
        expect(store.counts).to.deep.equal([1, 0, rolling ? 1 : 0])
        await new Promise((resolve) => setTimeout(resolve, 110))
        await ask('/plain')
        expect(store.counts).to.deep.equal([1, 0, 1])
      },
      options,
    )
  }

  const everybody = withStore({ saveUninitialized: true, resave: true })
  bothWays(
    'saveUninitialized and resave do what they say',
    register,
    async (send) => {
      const { ask } = createClient(send)
      void everybody.store.counts
      expect((await ask('/plain')).headerAll('set-cookie')).to.have.length(1)
      expect(everybody.store.counts).to.deep.equal([0, 1, 0])
      expect((await ask('/plain')).headerAll('set-cookie')).to.have.length(0)
      expect(everybody.store.counts).to.deep.equal([1, 1, 0])
    },
    everybody.options,
  )
})

describe('session: its cookie', () => {
  const attributesOf = (field = '') => field.split('; ').slice(1)

  bothWays(
    'has the defaults of all cookies, and a signature',
    register,
    async (send) => {
      const [field = ''] = (await send('/set/a/1')).headerAll('set-cookie')
      expect(field).to.match(/^connect\.sid=s%3A[\w-]{32}\.[^;]{43,}; /)
      expect(attributesOf(field)).to.have.members(['Path=/', 'HttpOnly', 'SameSite=Lax'])
    },
    { session: { secret } },
  )

  bothWays(
    'has what it is told',
    register,
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

  const secure = withStore({ cookie: () => ({ secure: true }) })
  bothWays(
    'for https alone is not sent over http, and nothing is stored for nobody',
    register,
    async (send, _, { log }) => {
      for (let i = 0; i < 3; i++) expect((await send('/set/a/1')).headerAll('set-cookie')).to.deep.equal([])
      expect(secure.store.count).to.equal(0)
      expect(log.filter(({ level }) => level === 'warn')).to.have.length(1)
    },
    secure.options,
  )

  bothWays(
    'for some paths leaves the others without sessions',
    (server) => {
      register(server)
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
      register(server)
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
      register(server)
      await server.inject({ url: '/set/a/1' })
    } finally {
      Object.assign(console, { warn, error })
      delete process.env.NODE_ENV
    }
    expect(said).to.deep.equal([])
  })

  bothWays(
    'genid is called with the request',
    register,
    async (send) => {
      expect(await createClient(send).text('/id')).to.match(/^\/id-\d+$/)
    },
    { session: { secret, genid: (request) => `${request.path}-${Math.floor(Math.random() * 1e9)}` } },
  )
})
