import { expect } from 'chai'
import { Controller } from 'tribind'
import { bothWays } from './both-ways.ts'
import { createClient } from './session-client.ts'
import { registerValues, secret, withStore } from './session-routes.ts'

describe('session: values', () => {
  bothWays(
    'come back with the next request of the same client, and of no other',
    registerValues,
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
    registerValues,
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
    registerValues,
    async (send) => {
      const { text } = createClient(send)
      for (const list of ['[0]', '[0,1]', '[0,1,2]']) expect(await text('/push')).to.equal(list)
    },
    { session: { secret } },
  )

  bothWays(
    'any key is just a key',
    (server) => {
      registerValues(server)
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
      registerValues(server)
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
      registerValues(server)
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
    registerValues,
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
      registerValues,
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
    registerValues,
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
