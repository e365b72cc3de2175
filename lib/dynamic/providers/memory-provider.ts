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

/** What it has to do with the same provider in other workers of the application. */
export interface Sharing {
  /** Whether the providers run in this one. */
  isHere(): boolean
  /** Returns what is served of it. */
  current(): object | undefined
  /** Sets or, without a document, withdraws it in the worker in which the providers run. */
  send(document: object | undefined): Promise<Verdict>
}

type Publish = (sink: ConfigurationSink) => Promise<Verdict>

/** What `memoryProvider` creates. */
export class InMemory implements MemoryProvider {
  readonly name: string
  #publish: Publish | undefined
  #sink: ConfigurationSink | undefined
  #settle: (verdict: Verdict | Promise<Verdict>) => void = () => {}
  #sharing: Sharing | undefined
  #server: { readonly name: string } | undefined

  constructor(name: string, configuration?: object) {
    this.name = name
    if (configuration !== undefined) void this.set(configuration)
  }

  set(configuration: object): Promise<Verdict> {
    const read = readContent(configuration)
    if ('content' in read) return this.#pass(read.content.document)
    // It is no configuration, which the status tells, and the last one goes on.
    return this.#sink?.publish(configuration) ?? Promise.resolve({ applied: false, issues: read.issues })
  }

  withdraw(): Promise<Verdict> {
    return this.#pass(undefined)
  }

  provide(sink: ConfigurationSink): void {
    this.#sink = sink
    const current = this.#sharing?.current()
    // It ran in another worker before.
    if (this.#publish === undefined && current !== undefined) void sink.publish(current)
    else if (this.#publish === undefined) sink.alive()
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

  /** Takes part in what the workers of an application share. What was set by now is published by the worker in which the providers run. */
  shareWith(sharing: Sharing): void {
    this.#sharing = sharing
    if (sharing.isHere()) return
    this.#publish = undefined
    this.#settle({ applied: false, superseded: true })
  }

  release(server: object): void {
    if (this.#server === server) this.#server = undefined
  }

  #pass(document: object | undefined): Promise<Verdict> {
    if (this.#sharing?.isHere() === false) return this.#sharing.send(document)
    const publish: Publish = (sink) => (document === undefined ? sink.withdraw() : sink.publish(document))
    this.#publish = publish
    if (this.#sink !== undefined) return publish(this.#sink)
    this.#settle({ applied: false, superseded: true })
    return new Promise((resolve) => (this.#settle = resolve))
  }
}
