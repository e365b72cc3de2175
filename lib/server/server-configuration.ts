import { StateError } from '../base/errors.ts'
import { Wing } from '../base/wing.ts'
import type { Member } from '../base/workers.ts'
import type { Application } from '../http/application.ts'
import type { Layers } from '../layers/layers.ts'
import type { Configuration, ConfigurationPort, ConfigurationProvider } from './configuration.ts'
import type { ReadConfigurationOptions } from './configuration-options.ts'
import type { Provided } from './provided.ts'

/** What the configuration of a server is made with. */
export interface ConfigurationParts {
  /** The `Server`. */
  readonly server: Application
  readonly options: ReadConfigurationOptions
  /** What code gave names to. */
  readonly provided: Provided
  readonly layers: () => Pick<Layers, 'replaceTogether' | 'reserve' | 'tellRefused' | 'version'>
  /** `undefined` where the process runs alone. */
  readonly member: Member | undefined
}

/** Filled by `tribind/providers`. */
export const configurationWing: Wing<(parts: ConfigurationParts) => ConfigurationPort> = new Wing(
  'tribind/providers',
  'the option "configuration" needs',
)

/** The dynamic configuration of a server, where its options have one. */
export class ServerConfiguration {
  readonly #parts: Omit<ConfigurationParts, 'options'>
  readonly #options: ReadConfigurationOptions | undefined
  #port: ConfigurationPort | undefined

  constructor(parts: Omit<ConfigurationParts, 'options'>, options: ReadConfigurationOptions | undefined) {
    this.#parts = parts
    this.#options = options
  }

  /** @throws StateError if the server has none; ConfigError while `tribind/providers` isn't loaded */
  get face(): Configuration {
    if (this.#options === undefined)
      throw new StateError(
        `server "${this.#parts.server.name}" has no dynamic configuration: set the option "configuration", as new Server({ configuration: { providers: [ … ] } })`,
        { failure: 'ERR_TRIBIND_CONFIGURATION_ABSENT' },
      )
    const port = this.#create()
    if (port === undefined) throw configurationWing.missing()
    return port.face
  }

  /** Those of the options. */
  get providers(): readonly ConfigurationProvider[] {
    return this.#options?.providers ?? []
  }

  /** `undefined` if the server has none, or while the wing isn't loaded. */
  get port(): ConfigurationPort | undefined {
    return this.#create()
  }

  /** Loads what serves them, where there are any: other workers may have some already. */
  async prepare(): Promise<void> {
    if (this.#options === undefined) return
    await configurationWing.load()
    this.#create()
  }

  /** Starts the providers, if there are any, and waits for those that are required. */
  async start(signal: AbortSignal): Promise<void> {
    await this.prepare()
    await this.#create()?.start(signal)
  }

  async stop(): Promise<void> {
    await this.#port?.stop()
  }

  #create(): ConfigurationPort | undefined {
    if (this.#options !== undefined)
      this.#port ??= configurationWing.maker?.({ ...this.#parts, options: this.#options })
    return this.#port
  }
}
