import type { Application } from '../http/application.ts'
import type { Cookie } from '../http/cookies/cookie.ts'
import type { Request } from '../http/request.ts'
import type { Response } from '../http/response.ts'
import type { Session } from '../http/session.ts'
import type { View } from '../http/view.ts'

/**
 * What a controller can extend to have the request at hand; a new instance serves every request.
 *
 * The request is there from `init` on, not yet in the constructor. A controller need not extend it: the methods of any
 * class are called with the request.
 */
export class Controller {
  /** The request that this instance serves. */
  readonly request!: Request

  get response(): Response {
    return this.request.response
  }

  get server(): Application {
    return this.request.server
  }

  get cookie(): Cookie {
    return this.request.cookie
  }

  get view(): View {
    return this.request.view
  }

  get session(): Session {
    return this.request.session
  }

  /** Returns a line in the language of the request. @throws StateError where the option `languages` isn't set */
  t(key: string, values?: object): string {
    return this.request.language.t(key, values)
  }

  /** Runs before the method; `exit()` in it leaves the method out. */
  init(_request: Request): unknown {
    return undefined
  }

  /** Runs after the method, whatever happened, once `init` was called. */
  shut(_request: Request): unknown {
    return undefined
  }

  /** Leaves the method it is called in. */
  exit(): never {
    return this.request.exit()
  }
}
