import type { ChainSetting, HopSetting, NamedChain } from '../base/chain-types.ts'
import { ChainError } from '../base/errors.ts'
import { suggestName } from '../base/nearest-name.ts'
import { Wing } from '../base/wing.ts'

/** The options that name chains and hops. */
export interface ChainsOptions {
  readonly chains?: Readonly<Record<string, ChainSetting>> | undefined
  readonly hops?: Readonly<Record<string, HopSetting>> | undefined
}

/** The chains of a server, as `tribind/forward` makes them of the options. */
export interface ChainsPort {
  readonly chains: ReadonlyMap<string, NamedChain>
  /** @throws ChainError for the name of a hop that stands for nothing */
  check(): void
  close(): Promise<unknown>
}

/** @throws ConfigError for a wrong option */
export type CreateChains = (options: ChainsOptions) => ChainsPort

/** Filled by `tribind/forward`. */
export const forwardWing: Wing<CreateChains> = new Wing('tribind/forward', 'the options "chains" and "hops" need')

/** The chains that a server knows by their names. */
export class NamedChains {
  readonly #options: ChainsOptions
  readonly #isNeeded: boolean
  #port: ChainsPort | undefined

  /** @throws ConfigError for a wrong option, if `tribind/forward` is loaded; else `load` does */
  constructor(options: ChainsOptions) {
    this.#options = options
    this.#isNeeded = options.chains !== undefined || options.hops !== undefined
    this.#create()
  }

  /** Returns a chain. @throws ChainError for a name that stands for nothing; ConfigError while `tribind/forward` isn't loaded */
  get(name: string): NamedChain {
    if (!this.#create()) throw forwardWing.missing()
    const chain = this.#port?.chains.get(name)
    if (chain !== undefined) return chain
    const known = [...(this.#port?.chains.keys() ?? [])]
    const there = known.length === 0 ? 'the option "chains" has none' : `the option "chains" has ${known.join(', ')}`
    throw new ChainError(`the chain "${name}" stands for nothing${suggestName(name, known)}: ${there}`, {
      failure: 'ERR_TRIBIND_CHAIN_UNKNOWN',
    })
  }

  /**
   * Loads what makes the chains, where it isn't there yet, and checks the names in them. Awaited by the start.
   *
   * @throws ConfigError for a wrong option; ChainError for the name of a hop that stands for nothing
   */
  async prepare(): Promise<void> {
    await this.load()
    this.#port?.check()
  }

  /** Loads what makes the chains. Returns `undefined` if there is nothing to load. */
  load(): Promise<void> | undefined {
    return this.#create() ? undefined : this.#load()
  }

  async close(): Promise<void> {
    await this.#port?.close()
  }

  async #load(): Promise<void> {
    await forwardWing.load()
    this.#create()
  }

  /** Makes the chains as soon as they can be made. Returns false if they are needed, and can't be made yet. */
  #create(): boolean {
    if (this.#isNeeded) this.#port ??= forwardWing.maker?.(this.#options)
    return !this.#isNeeded || this.#port !== undefined
  }
}
