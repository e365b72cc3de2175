import type { StoreProvider, StoreProviderOptions } from 'tribind/providers'
import type { StoreEngine } from './engines.ts'
import { follow, RecordingSink } from './recording-sink.ts'
import type { StoreKind, Writer } from './store-kinds.ts'

export const first = { routes: { a: { pattern: '/a', service: { text: 'first' } } } }
export const second = { routes: { a: { pattern: '/a', service: { text: 'second' } } } }
export const third = { routes: { a: { pattern: '/a', service: { text: 'third' } } } }

/** So that a document is read only because of a change. */
export const quiet: StoreProviderOptions = { heartbeat: '3s', period: '1h' }
/** So that an engine that hangs is noticed soon. */
export const alert: StoreProviderOptions = { heartbeat: 500, period: '1h' }

/** A store for the tests of a suite: each test has a key of its own in it, and what it has begun is ended. */
export class StoreWorld {
  readonly kind: StoreKind
  readonly engine: () => StoreEngine
  readonly #ends: (() => Promise<unknown>)[] = []
  #count = 0
  #writer: Writer | undefined

  constructor(kind: StoreKind, engine: () => StoreEngine) {
    this.kind = kind
    this.engine = engine
    beforeEach(async () => {
      this.#count++
      await this.renewWriter()
    })
    afterEach(async () => {
      for (const end of this.#ends.splice(0).reverse()) await end()
      await this.#writer?.close()
    })
  }

  get key(): string {
    return `key${this.#count}`
  }

  get writer(): Writer {
    if (this.#writer === undefined) throw new Error('no test has begun')
    return this.#writer
  }

  /** After an outage. */
  async renewWriter(): Promise<void> {
    await this.#writer?.close().catch(() => {})
    this.#writer = undefined
    this.#writer = await this.kind.createWriter(this.engine().url, this.key)
  }

  provider(options: StoreProviderOptions = quiet): StoreProvider {
    return this.kind.createProvider(this.engine().url, this.key, options)
  }

  /** Follows the key, until the end of the test. */
  start(options: StoreProviderOptions = quiet, sink: RecordingSink = new RecordingSink()): RecordingSink {
    this.atEnd(follow(this.provider(options), sink).end)
    return sink
  }

  atEnd(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }
}
