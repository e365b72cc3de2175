import type { ChainSetting, HopSetting, NamedChain } from '../base/chain-types.ts'
import { ChainError, ConfigError } from '../base/errors.ts'
import { suggestName } from '../base/nearest-name.ts'

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

let createChains: CreateChains | undefined

/** Called once by `tribind/forward`, when it is loaded: what serves the options is there from then on. */
export function provideChains(create: CreateChains): void {
  createChains = create
}

/** Not written into `import()`: bundlers would put the wing into every program. */
const wing = 'tribind/forward'

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
    if (!this.#create()) throw notLoaded()
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
    // By the name of the package, so that it is the same instance as that of the application.
    await import(wing).catch((error: unknown) => {
      throw notLoaded(error)
    })
    // What was loaded beside a bundled program is another instance.
    if (!this.#create()) throw notLoaded()
  }

  /** Makes the chains as soon as they can be made. Returns false if they are needed, and can't be made yet. */
  #create(): boolean {
    if (this.#isNeeded) this.#port ??= createChains?.(this.#options)
    return !this.#isNeeded || this.#port !== undefined
  }
}

function notLoaded(cause?: unknown): ConfigError {
  return new ConfigError(
    `the options "chains" and "hops" need tribind/forward, which the start of the server loads: for calls before the start, and in a bundled program, import 'tribind/forward' beside 'tribind'`,
    { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
  )
}
