import type { Binder } from '../binding/binder.ts'
import { DomainRegistrar } from '../binding/domain.ts'
import type { EntryPointLife } from './entry-point-life.ts'
import { type EntryPointOptions, entryPointOptions } from './entry-point-options.ts'
import type { EntryPointStatus } from './entry-point-status.ts'

/**
 * An entry point of a server: a name, addresses, and what is bound there only.
 *
 * It stays the same object while it is closed and opened again.
 */
export class EntryPoint extends DomainRegistrar {
  readonly name: string
  readonly #life: EntryPointLife

  /** @internal */
  constructor(binder: Binder, life: EntryPointLife) {
    super(binder)
    this.name = life.name
    this.#life = life
  }

  /** The bound addresses, such as `127.0.0.1:8199`; none before it opens and after it was closed. */
  get addresses(): readonly string[] {
    return this.#life.listeners.map((listener) => listener.address)
  }

  /**
   * The options in use, with their defaults, without what is secret: `observer`, `handler`, and of `https` the key and the certificates.
   * They aren't for `replaceEntryPoint`, where what is left out has its default.
   */
  get options(): Readonly<Partial<EntryPointOptions>> {
    const { idleLimits: _idleLimits, ...options } = this.#life.options
    return entryPointOptions.withoutSecrets(options)
  }

  /** The option `labels`; empty where there are none. */
  get labels(): Readonly<Record<string, string>> {
    return this.#life.labels
  }

  /** Returns a copy of what is known of it: its state, the latest events, the last error, and its statistics where there are any. */
  status(): EntryPointStatus {
    const { labels } = this
    const { stats, status } = this.#life
    return {
      ...status.copy(),
      ...(Object.keys(labels).length > 0 && { labels: { ...labels } }),
      ...(stats !== undefined && { stats }),
    }
  }
}
