import type { ContextBase } from '../base/context.ts'
import { ConfigError } from '../base/errors.ts'
import { isPromise } from '../base/in-turn.ts'
import { isPlain } from '../base/is-plain.ts'

/** Returns the object that the contexts of all requests received at an address inherit from. */
export type CreateBaseContext = (address: string) => ContextBase | (object & { readonly then?: never })

/** Calls the option `baseContext` for each address, and keeps the value for requests that arrive at none. */
export class BaseContexts {
  readonly #create: CreateBaseContext
  readonly #configuredAddress: () => string
  #first: ContextBase | undefined

  /** @param configuredAddress returns the first address as configured */
  constructor(create: CreateBaseContext, configuredAddress: () => string) {
    this.#create = create
    this.#configuredAddress = configuredAddress
  }

  /** The base of the address that was opened first: for requests in process at an entry point that isn't open. */
  get first(): ContextBase {
    return this.#first ?? this.open(this.#configuredAddress())
  }

  /**
   * Returns the base of an address.
   *
   * @throws ConfigError naming the option and the address, for a value that can't be a base; and what the option throws
   */
  open(address: string): ContextBase {
    const value: unknown = this.#create(address)
    const base = asBase(value)
    if (base === undefined) {
      throw new ConfigError(
        `option "baseContext" must return a Context, a Map or a plain object, got ${describe(value)} for ${address}`,
        { failure: 'ERR_TRIBIND_BASE_CONTEXT' },
      )
    }
    this.#first ??= base
    return base
  }
}

function describe(value: unknown): string {
  if (isPromise(value)) return 'a promise'
  return value === null ? 'null' : `a value of type ${typeof value}`
}

function asBase(value: unknown): ContextBase | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { get, has } = value as Partial<ContextBase>
  if (typeof get === 'function' && typeof has === 'function') return value as ContextBase
  return isPlain(value) ? readOwn(value) : undefined
}

/** Returns a base that reads the own properties of an object, as they are at each call. */
function readOwn(object: object): ContextBase {
  const has = (key: unknown): key is PropertyKey => isName(key) && Object.hasOwn(object, key)
  return { has, get: (key) => (has(key) ? Reflect.get(object, key) : undefined) }
}

function isName(key: unknown): key is string | symbol {
  return typeof key === 'string' || typeof key === 'symbol'
}
