import type { ContextBase } from '../base/context.ts'
import { ConfigError } from '../base/errors.ts'
import { isPlain } from '../base/is-plain.ts'

/** Returns what the contexts of all requests that come in at an address inherit from. */
export type CreateBaseContext = (address: string) => ContextBase | (object & { readonly then?: never })

/** The values of the option `baseContext`, one for each address. */
export class BaseContexts {
  readonly #create: CreateBaseContext
  readonly #configuredAddress: () => string
  #first: ContextBase | undefined

  /** @param configuredAddress the first address as it will be asked for */
  constructor(create: CreateBaseContext, configuredAddress: () => string) {
    this.#create = create
    this.#configuredAddress = configuredAddress
  }

  /** That of the first address: for requests that come in at none, such as injected ones. */
  get first(): ContextBase {
    return this.#first ?? this.open(this.#configuredAddress())
  }

  /**
   * Returns the base of an address.
   *
   * @throws ConfigError naming the option and the address, for a value that can't be a base; what the option throws
   */
  open(address: string): ContextBase {
    const base = asBase(this.#create(address))
    if (base === undefined) {
      throw new ConfigError(
        `the option "baseContext" must return a Context, a Map or a plain object, and no Promise; for ${address} it returned something else`,
      )
    }
    this.#first ??= base
    return base
  }
}

function asBase(value: unknown): ContextBase | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { get, has } = value as Partial<ContextBase>
  if (typeof get === 'function' && typeof has === 'function') return value as ContextBase
  return isPlain(value) ? readOwn(value) : undefined
}

/** Reads the own properties of an object, as they are at each call. */
function readOwn(object: object): ContextBase {
  const has = (key: unknown): key is PropertyKey => isName(key) && Object.hasOwn(object, key)
  return { has, get: (key) => (has(key) ? Reflect.get(object, key) : undefined) }
}

function isName(key: unknown): key is string | symbol {
  return typeof key === 'string' || typeof key === 'symbol'
}
