import {
  ConfigError,
  type ConfigurationProvider,
  type ConfigurationSink,
  type Duration,
  type InstanceStatus,
} from '../../../index.ts'
import { type Complete, duration, flag, isObject, type Option, printValue, text } from '../../../kit.ts'
import { answerWithin } from './answer-within.ts'
import { Follower, type Times } from './follower.ts'
import { readReports } from './instance-report.ts'
import type { Store, StoreSession } from './store.ts'
import { checkDocumentSize } from './store-document.ts'

const ANSWER_MS = 10_000

/** The options that all providers of a store have. */
export interface StoreProviderOptions {
  /** The name of the provider. Default that of the store, such as `redis`. */
  name?: string
  /** Whether the start of the server waits until a document is served. Default false. */
  required?: boolean
  /** How often the store is asked whether it still answers, and how long it has for that. Default 3 s. */
  heartbeat?: Duration
  /** How often the document is read, also where no change was told. Default 30 s. */
  period?: Duration
}

/** The options with their defaults; times are in milliseconds. */
export type ReadStoreProviderOptions = Complete<StoreProviderOptions> & Times

interface StoreRows {
  readonly name: Option<string, 'always'>
  readonly required: Option<boolean, 'always'>
  readonly heartbeat: Option<Duration, 'always', number>
  readonly period: Option<Duration, 'always', number>
}

/** Returns the rows of these options in the table of a provider. @param name the default of the name */
export function storeRows(name: string): StoreRows {
  return {
    name: text({ default: name }),
    required: flag({ default: false }),
    heartbeat: duration(10, { default: '3s' }),
    period: duration(10, { default: '30s' }),
  }
}

/** Publishes the one JSON document that a store holds for many processes. */
export class StoreProvider implements ConfigurationProvider {
  readonly name: string
  readonly required: boolean
  readonly #store: Store
  readonly #times: Times
  #follower: Follower | undefined

  constructor(store: Store, options: ReadStoreProviderOptions) {
    this.name = options.name
    this.required = options.required
    this.#store = store
    this.#times = options
  }

  async provide(sink: ConfigurationSink, signal: AbortSignal): Promise<void> {
    const release = this.#store.guard?.()
    this.#follower = new Follower(this.#store, this.#times, sink, signal)
    await this.#follower.run().finally(release)
  }

  /** Reads at once, and takes an older revision than that of before too. Resolves when it is published, or could not be read. */
  async reload(): Promise<void> {
    await this.#follower?.reload()
  }

  /** Returns what the processes that share the document say of themselves, ordered by id. Those that ended are left out after 2 minutes. */
  async instances(): Promise<readonly InstanceStatus[]> {
    return readReports(await this.#use((session) => session.reports()))
  }

  /**
   * Writes a document in place of the one in the store, tells all processes, and returns its revision. Works without a server, too.
   *
   * @throws ConfigError for one that is no object, or has more than 8 MiB as JSON
   */
  async write(document: object): Promise<number> {
    if (!isObject(document))
      throw new ConfigError(`write: a configuration must be an object, got ${printValue(document)}`, {
        failure: 'ERR_TRIBIND_OPTION_VALUE',
      })
    const text = JSON.stringify(document)
    checkDocumentSize(Buffer.byteLength(text))
    return this.#use((session) => session.write(text))
  }

  /** By the session in use, or by one for this call. */
  async #use<Result>(call: (session: StoreSession) => Promise<Result>): Promise<Result> {
    const { session } = this.#follower ?? {}
    const lost = new AbortController()
    if (session !== undefined) return answerWithin(ANSWER_MS, call(session), lost.signal)
    const release = this.#store.guard?.()
    const own = this.#store.createSession((error) => lost.abort(error))
    try {
      await answerWithin(ANSWER_MS, own.connect(), lost.signal)
      return await answerWithin(ANSWER_MS, call(own), lost.signal)
    } finally {
      await own.close()
      release?.()
    }
  }
}
