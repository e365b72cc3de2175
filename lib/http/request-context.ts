import { Context, type ContextBase } from '../base/context.ts'
import type { Application } from './application.ts'

let readServer: (context: RequestContext) => Application

/** The context of a request, which knows its server. */
export class RequestContext extends Context {
  readonly #server: Application

  static {
    readServer = (context) => context.#server
  }

  constructor(server: Application, base: ContextBase | undefined) {
    super(base)
    this.#server = server
  }
}

/** The server of the request that a context belongs to; `undefined` for any other context. */
export function applicationOf(context: Context): Application | undefined {
  return context instanceof RequestContext ? readServer(context) : undefined
}
