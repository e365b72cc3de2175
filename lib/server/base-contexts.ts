import type { ContextBase } from '../base/context.ts'
import { ConfigError } from '../base/errors.ts'
import { isPlain } from '../base/is-plain.ts'

/** Gives what the contexts of all requests that come in at an address inherit from. */
export type CreateBaseContext = (address: string) => ContextBase | (object & { readonly then?: never })

/** What the option `baseContext` has given, one for each address. */
export class BaseContexts {
  readonly #create: CreateBaseContext
  readonly #configuredAddress: () => string
  #first: ContextBase | undefined

  /** @param configuredAddress the first address as it will be asked for */
  constructor(create: CreateBaseContext, configuredAddress: () => string) {
    this.#create = create
    this.#configuredAddress = configuredAddress
  }

  /** For requests that come in at none of the server's addresses, such as injected ones: that of the first. */
  get first(): ContextBase {
    return this.#first ?? this.open(this.#configuredAddress())
  }

  /**
   * Takes the base of an address.
   *
   * @throws ConfigError naming the option and the address, for what is no base; what the option throws
   */
  open(address: string): ContextBase {
    const base = asBase(this.#create(address))
    if (base === undefined) {
      throw new ConfigError(
        `the option "baseContext" must give a Context, a Map or a plain object, and no Promise; what it gave for ${address} is none`,
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
