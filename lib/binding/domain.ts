import type { Binder } from './binder.ts'
import { refuseExtraArguments } from './refuse-extra-arguments.ts'
import { Registrar } from './registrar.ts'

/** One or more domains that much is bound on; made by `server.domain`. */
export class Domain extends Registrar {}

/** What has all registration calls and, in no domain itself, makes domains. */
export class DomainRegistrar extends Registrar {
  readonly #binder: Binder

  static {
    refuseExtraArguments(this.prototype)
  }

  /** @internal */
  constructor(binder: Binder) {
    super(binder)
    this.#binder = binder
  }

  /**
   * Returns what binds on domains alone.
   *
   * @param domains host names joined with `,`; `*.` stands for every host below a name; a `RouteError` where one isn't a
   * host name
   */
  domain(domains: string): Domain {
    return new Domain(this.#binder.createDomain(domains))
  }
}
