import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { Server, type SessionStore, type StoredSession } from 'tribind'
import { sendByInject } from '../feature/both-ways.ts'
import { createClient } from '../feature/session-client.ts'

/** The calls of a store as promises. */
function promised(store: SessionStore) {
  const call = <T>(act: (done: (error?: unknown, value?: T) => void) => unknown) =>
    new Promise<T | undefined>((resolve, reject) => {
      void act((error, value) => (error ? reject(error as Error) : resolve(value)))
    })
  return {
    get: async (id: string) => (await call<StoredSession | null>((done) => store.get(id, done))) ?? undefined,
    set: (id: string, session: StoredSession) => call((done) => store.set(id, session, done)),
    destroy: (id: string) => call((done) => store.destroy(id, done)),
    touch: (id: string, session: StoredSession) => call((done) => store.touch?.(id, session, done)),
  }
}

const newId = () => randomBytes(12).toString('base64url')
const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function sessionOf(values: object, maxAgeMs?: number): StoredSession {
  const expires = maxAgeMs === undefined ? null : new Date(Date.now() + maxAgeMs)
  return { cookie: { originalMaxAge: maxAgeMs ?? null, expires }, ...values }
}

/** What every store has to do, alone and behind a server. */
export function describeStore(name: string, createStore: () => SessionStore): void {
  describe(`session stores: ${name}`, () => {
    it('gives back what was set, without sharing it', async () => {
      const { get, set } = promised(createStore())
      const [id, list] = [newId(), [1]]
      const values = { text: 'é😀\u0000\n', list, nested: { __proto__: null, a: null } }
      await set(id, sessionOf(values))
      list.push(2)
      expect(await get(id)).to.deep.include({ text: 'é😀\u0000\n', list: [1], nested: { a: null } })
      await set(id, sessionOf({ other: 1 }))
      expect(await get(id))
        .to.include({ other: 1 })
        .and.not.have.property('text')
      const first = (await get(id)) as StoredSession & { other?: number }
      first.other = 2
      expect(await get(id)).to.include({ other: 1 })
    })

    it('knows nothing of what was never set, or is destroyed', async () => {
      const { get, set, destroy, touch } = promised(createStore())
      const [id, other] = [newId(), newId()]
      expect(await get(id)).to.equal(undefined)
      await destroy(id)
      await touch(id, sessionOf({ a: 1 }))
      expect(await get(id), 'touch makes none').to.equal(undefined)
      await Promise.all([set(id, sessionOf({ a: 1 })), set(other, sessionOf({ a: 2 }))])
      await destroy(id)
      expect(await get(id)).to.equal(undefined)
      expect(await get(other)).to.include({ a: 2 })
    })

    it('takes any id, and mixes none up', async () => {
      const { get, set, destroy } = promised(createStore())
      const ids = [
        '../../etc/passwd',
        '..',
        '.',
        '',
        '/',
        'a/b',
        'a\\b',
        'a\0b',
        'A',
        'a',
        'é',
        '__proto__',
        'x'.repeat(5000),
      ]
      for (const id of ids) await set(id, sessionOf({ id }))
      for (const id of ids) expect(await get(id), id).to.include({ id })
      for (const id of ids) await destroy(id)
      for (const id of ids) expect(await get(id), id).to.equal(undefined)
    })

    it('forgets what is past its age; touch renews the age and nothing else', async () => {
      const { get, set, touch } = promised(createStore())
      const [short, renewed, endless] = [newId(), newId(), newId()]
      await set(short, sessionOf({ a: 1 }, 1000))
      await set(renewed, sessionOf({ a: 1 }, 1000))
      await set(endless, sessionOf({ a: 1 }))
      await after(300)
      await touch(renewed, sessionOf({ a: 2 }, 10_000))
      expect(await get(short)).to.include({ a: 1 })
      await after(1300)
      expect(await get(short)).to.equal(undefined)
      expect(await get(renewed)).to.include({ a: 1 })
      expect(await get(endless)).to.include({ a: 1 })
    })

    it('lets many write one session at once, and keeps one of them whole', async () => {
      const { get, set } = promised(createStore())
      const id = newId()
      const sizes = Array.from({ length: 30 }, (_, i) => i * 500)
      await Promise.all(
        sizes.map(async (size) => {
          await set(id, sessionOf({ size, text: 'x'.repeat(size) }))
          const found = (await get(id)) as StoredSession & { size: number; text: string }
          expect(found.text).to.have.length(found.size)
        }),
      )
    })

    it('serves a server', async () => {
      const server = new Server({ session: { secret: 'a secret', store: createStore(), cookie: { maxAge: 60_000 } } })
      server.bindHandler('/login/:name', async ({ session, params }) => {
        await session.regenerate()
        session.set('name', params.name)
      })
      server.bindHandler('/who', ({ session }) => session.get('name') ?? 'nobody')
      server.bindHandler('/logout', ({ session }) => session.destroy())
      const clients = Array.from({ length: 20 }, (_, i) => ({ name: `n${i}`, ...createClient(sendByInject(server)) }))
      await Promise.all(clients.map(({ name, ask }) => ask(`/login/${name}`)))
      const stolen = new Map(clients[0]?.cookies)
      await Promise.all(clients.map(async ({ name, text }) => expect(await text('/who')).to.equal(name)))
      await Promise.all(clients.map(({ name, ask }) => ask(`/login/${name}-again`)))
      await Promise.all(clients.map(async ({ name, text }) => expect(await text('/who')).to.equal(`${name}-again`)))
      await Promise.all(clients.map(({ ask }) => ask('/logout')))
      await Promise.all(clients.map(async ({ text }) => expect(await text('/who')).to.equal('nobody')))
      expect(await createClient(sendByInject(server), stolen).text('/who')).to.equal('nobody')
    })
  })
}
