import type { Application } from './application.ts'
import { Context, type ContextBase } from '../base/context.ts'

/** The context of a request, which knows whose request it is. */
export class RequestContext extends Context {
  /** @internal */
  readonly server: Application

  constructor(server: Application, base: ContextBase | undefined) {
    super(base)
    this.server = server
  }
}
