import { ConfigError } from './errors.ts'

/** A part of the package that the core needs only where an option asks for it: it fills its place when it is imported. */
export class Wing<Maker> {
  readonly #entry: string
  readonly #askedBy: string
  #maker: Maker | undefined

  /**
   * @param entry what applications import, such as `tribind/forward`
   * @param askedBy what needs it, as messages begin: `the options "chains" and "hops" need`
   */
  constructor(entry: string, askedBy: string) {
    this.#entry = entry
    this.#askedBy = askedBy
  }

  /** What the wing makes for a server; `undefined` while the wing isn't loaded. */
  get maker(): Maker | undefined {
    return this.#maker
  }

  /** Called once by the wing, when it is loaded: what serves the option is there from then on. */
  provide(maker: Maker): void {
    this.#maker = maker
  }

  /** Loads the wing where it isn't there yet. @throws ConfigError if it can't be loaded */
  async load(): Promise<Maker> {
    if (this.#maker === undefined) {
      try {
        await loadEntry(this.#entry)
      } catch (error) {
        throw this.missing(error)
      }
    }
    // What was loaded beside a bundled program is another instance.
    if (this.#maker === undefined) throw this.missing()
    return this.#maker
  }

  /** Creates the error of a call that comes before the wing is loaded. */
  missing(cause?: unknown): ConfigError {
    return new ConfigError(
      `${this.#askedBy} ${this.#entry}, which the start of the server loads: for calls before the start, and in a bundled program, import '${this.#entry}' beside 'tribind'`,
      { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
    )
  }
}

/**
 * Loads an entry of the package by its name, in the way in which this file was loaded, so that it is the same instance as that of the
 * application. The name isn't written into the call: bundlers would put the wing into every program.
 */
async function loadEntry(entry: string): Promise<void> {
  // Loaders of TypeScript and test runners run ES modules as CommonJS, beside those that `import()` loads.
  if (typeof require === 'function') require(entry)
  else await import(entry)
}
