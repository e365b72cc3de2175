import { checkFunction } from '../base/check-function.ts'
import { ConfigError } from '../base/errors.ts'
import { isText } from '../options/option-kinds.ts'
import { printValue } from '../options/print-value.ts'
import type { Middleware } from '../pipeline/exchange.ts'

/** Returns a middleware. @param options what the configuration says under its name. @throws for options that are wrong */
export type CreateMiddleware = (options: never) => Middleware

/** What code gave names to, so that a configuration can refer to it. */
export class Provided {
  /** Handlers, objects and classes. */
  readonly endpoints: Map<string, object> = new Map()
  readonly middlewares: Map<string, CreateMiddleware> = new Map()

  /** @throws ConfigError for a name that is taken or no name, and for anything but a function, an object or a class */
  provide(name: string, endpoint: object): void {
    checkName('provide', name, this.endpoints)
    if ((typeof endpoint !== 'object' || endpoint === null) && typeof endpoint !== 'function')
      throw new ConfigError(
        `provide("${name}"): expected a handler, an object or a class, got ${printValue(endpoint)}`,
        { failure: 'ERR_TRIBIND_PROVIDED_VALUE' },
      )
    this.endpoints.set(name, endpoint)
  }

  /** @throws ConfigError for a name that is taken or no name, and for anything but a function */
  provideMiddleware(name: string, create: CreateMiddleware): void {
    checkName('provideMiddleware', name, this.middlewares)
    checkFunction(`provideMiddleware("${name}")`, create, 'second argument')
    this.middlewares.set(name, create)
  }
}

function checkName(call: string, name: unknown, taken: ReadonlyMap<string, unknown>): void {
  if (!isText(name))
    throw new ConfigError(`${call}: the name must be a non-empty string, got ${printValue(name)}`, {
      failure: 'ERR_TRIBIND_PROVIDED_NAME',
    })
  if (taken.has(name))
    throw new ConfigError(`${call}: "${name}" has been provided already: choose another name`, {
      failure: 'ERR_TRIBIND_PROVIDED_NAME',
    })
}
