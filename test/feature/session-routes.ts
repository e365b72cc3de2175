import { type Server, type SessionOptions } from 'tribind'
import { CountingStore } from './counting-store.ts'

export const secret = 'a secret'

/** Routes that do one thing each to the session. */
export function registerValues(server: Server): void {
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

export function withStore(options: Partial<SessionOptions> = {}) {
  const store = new CountingStore()
  return { store, options: { session: { secret, store, ...options } } }
}
