import { Server } from 'tribind'
import { bothWays, type Entry, type Send, sendByInject } from './both-ways.ts'
import { CountingStore } from './counting-store.ts'
import { secret } from './session-routes.ts'

/** Routes of an application with a login. */
export function registerLogin(server: Server): void {
  server.bindHandler('/login/:name', async ({ session, params }) => {
    session.set('before', 'login')
    await session.regenerate()
    session.set('name', params.name)
    return session.id
  })
  server.bindHandler('/renew', async ({ session }) => {
    const before = session.id
    await session.regenerate()
    return [before, session.id]
  })
  server.bindHandler('/logout', ({ session }) => session.destroy())
  server.bindHandler('/careless-logout', ({ session }) => {
    void session.destroy()
  })
  server.bindHandler('/set/:key/:value', ({ session, params }) => session.set(params.key, params.value))
  server.bindHandler('/data', ({ session }) => ({ ...session.data() }))
  server.bindHandler('/id', ({ session }) => session.id)
  server.bindHandler('/plain', () => 'plain')
}

/** A world of its own for each way: a store, a server that uses it, and how to reach a second server that shares it. */
export function withServers(
  name: string,
  run: (send: Send, world: { store: CountingStore; server: Server; other: Send; log: Entry[] }) => Promise<void>,
  more: (server: Server) => void = () => {},
): void {
  let store = new CountingStore()
  const shared = {
    get: (...call: Parameters<CountingStore['get']>) => store.get(...call),
    set: (...call: Parameters<CountingStore['set']>) => store.set(...call),
    touch: (...call: Parameters<CountingStore['touch']>) => store.touch(...call),
    destroy: (...call: Parameters<CountingStore['destroy']>) => store.destroy(...call),
  }
  bothWays(
    name,
    (server) => {
      store = new CountingStore()
      const second = new Server({ session: { secret, store: { ...shared } } })
      for (const one of [server, second]) {
        registerLogin(one)
        more(one)
      }
      return { server, other: sendByInject(second) }
    },
    (send, { server, other }, { log }) => run(send, { store, server, other, log }),
    { session: { secret, store: shared } },
  )
}
