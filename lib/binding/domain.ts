import type { Binder } from './binder.ts'
import { refuseExtraArguments } from './refuse-extra-arguments.ts'
import { Registrar } from './registrar.ts'

/** One or more domains to bind on; created by `server.domain`. */
export class Domain extends Registrar {}

/** Has all registration calls and `domain()`, as a server, an entry point and the routes of a layer have. */
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
   * Returns an object whose registration calls bind on these domains only.
   *
   * @param domains host names joined with `,`; `*.` before a name stands for every host below it
   * @throws RouteError naming the domain that isn't a host name
   */
  domain(domains: string): Domain {
    return new Domain(this.#binder.createDomain(domains))
  }
}
