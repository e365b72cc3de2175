import type { Application } from '../../index.ts'

const ids = new WeakMap<Application, string>()

/** Returns what a server calls itself in Via fields: the same for all that it forwards, and unlike that of any other. */
export function viaOf(server: Application): string {
  let id = ids.get(server)
  if (id === undefined) {
    id = `1.1 tribind-${crypto.randomUUID().slice(0, 13)}`
    ids.set(server, id)
  }
  return id
}
