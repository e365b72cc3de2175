import { ConfigError, type ConfigurationProvider, type ConfigurationSink, type Verdict } from '../../index.ts'
import { readContent } from '../watch/content.ts'

/** Publishes what it is given by code. */
export interface MemoryProvider extends ConfigurationProvider {
  /**
   * Serves a configuration in the place of its last one. It is copied at once.
   *
   * Never rejects. Before the start, the verdict comes with the start, and the newest configuration wins. After the stop it is refused, and
   * published where the provider is used for another server.
   */
  set(configuration: object): Promise<Verdict>
  /** Takes away all that it has. As `set`. */
  withdraw(): Promise<Verdict>
}

/** Creates a provider of configurations that code sets. It serves one server at a time. @param configuration published at the start */
export function memoryProvider(name: string, configuration?: object): MemoryProvider {
  return new InMemory(name, configuration)
}

type Publish = (sink: ConfigurationSink) => Promise<Verdict>

/** What `memoryProvider` creates. */
export class InMemory implements MemoryProvider {
  readonly name: string
  #publish: Publish | undefined
  #sink: ConfigurationSink | undefined
  #settle: (verdict: Verdict | Promise<Verdict>) => void = () => {}
  #server: { readonly name: string } | undefined

  constructor(name: string, configuration?: object) {
    this.name = name
    if (configuration !== undefined) void this.set(configuration)
  }

  set(configuration: object): Promise<Verdict> {
    const read = readContent(configuration)
    if ('content' in read) return this.#pass((sink) => sink.publish(read.content.document))
    // It is no configuration, which the status tells, and the last one goes on.
    return this.#sink?.publish(configuration) ?? Promise.resolve({ applied: false, issues: read.issues })
  }

  withdraw(): Promise<Verdict> {
    return this.#pass((sink) => sink.withdraw())
  }

  provide(sink: ConfigurationSink): void {
    this.#sink = sink
    if (this.#publish === undefined) sink.alive()
    else this.#settle(this.#publish(sink))
  }

  /** Makes it the provider of one server. @throws ConfigError while it is that of another one */
  claim(server: { readonly name: string }): void {
    if (this.#server !== undefined && this.#server !== server)
      throw new ConfigError(
        `the provider "${this.name}" of server "${server.name}" is that of server "${this.#server.name}": create one for each with memoryProvider`,
        { failure: 'ERR_TRIBIND_PROVIDER_SHARED' },
      )
    this.#server = server
  }

  release(server: object): void {
    if (this.#server === server) this.#server = undefined
  }

  #pass(publish: Publish): Promise<Verdict> {
    this.#publish = publish
    if (this.#sink !== undefined) return publish(this.#sink)
    this.#settle({ applied: false, superseded: true })
    return new Promise((resolve) => (this.#settle = resolve))
  }
}
