import { channel } from 'node:diagnostics_channel'
import type { Application } from '../http/application.ts'

/** What subscribers of the channel `tribind:server` are called with. */
export interface ServerDiagnostics {
  /** At `create`, without what is bound later. */
  readonly server: Application
  /** `create` in the constructor, `start` at the call of `start` or `run`. */
  readonly event: 'create' | 'start'
  /** At `start`: keeps the server from starting until a promise is fulfilled. `start` rejects with its reason. */
  readonly hold: (until: Promise<unknown>) => void
}

const servers = channel('tribind:server')

/** Tells subscribers of a server. Returns what its start has to wait for; `undefined` where nothing holds it. */
export function tellOfServer(server: Application, event: ServerDiagnostics['event']): Promise<unknown> | undefined {
  if (!servers.hasSubscribers) return undefined
  const holds: Promise<unknown>[] = []
  const message: ServerDiagnostics = { server, event, hold: (until) => void holds.push(until) }
  servers.publish(message)
  return holds.length === 0 ? undefined : Promise.all(holds)
}
