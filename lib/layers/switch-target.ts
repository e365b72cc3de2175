import type { Tasks } from '../base/tasks.ts'
import type { Bindings, Dispatcher } from '../pipeline/dispatcher.ts'

/** What decides which routes serve at a place. */
export interface ServedPlace {
  /** The entry point whose own routes it serves; `undefined` for those of the server alone. */
  readonly entryPoint: string | undefined
  /** Whether it serves what is bound on the server, too. */
  readonly inherits: boolean
  /** What serves there in place of all routes that are bound; hooks, middleware and status handlers act all the same. */
  readonly instead?: Bindings | undefined
}

/** A place where requests come in, such as an entry point. All are switched to another version at once. */
export interface SwitchTarget extends ServedPlace {
  /** Serves every request whose head arrives from now on by another dispatcher. Returns the work under way. Must not throw. */
  switchTo(dispatcher: Dispatcher): RetiredTraffic
}

/** What is still under way at a place by a dispatcher that serves no new requests there. */
export interface RetiredTraffic {
  /** Event streams, WebSockets and held sockets. */
  readonly streams: Tasks
  /** Resolves when nothing is under way: no request, no close event and no stream. */
  whenOver(): Promise<void>
}
