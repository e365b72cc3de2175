import { RouteError } from '../base/errors.ts'
import { parseDomains } from '../routing/domain.ts'
import { Registrar } from './registrar.ts'
import type { Registry } from './registry.ts'

/** One or more domains that much is bound on; made by `server.domain`. */
export class Domain extends Registrar {
  /** @param domains host names joined with `,`; a `RouteError` where one isn't a host name */
  constructor(registry: Registry, domains: string) {
    if (typeof domains !== 'string') throw new RouteError(`a domain is a string, not ${typeof domains}`)
    super(registry, { prefix: '', domains: parseDomains(domains).join(), groups: [] })
  }
}
