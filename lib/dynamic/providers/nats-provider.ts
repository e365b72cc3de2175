import type { Kvm, KV, KvEntry, KvWatchEntry } from '@nats-io/kv'
import { defineOptions, isObject, onDemand, option, type OptionTable } from '../../kit.ts'
import { clientPackage, missingPackage } from './store/client-package.ts'
import { placeOfUrl } from './store/url.ts'
import {
  type ReadStoreProviderOptions,
  StoreProvider,
  type StoreProviderOptions,
  storeRows,
} from './store/store-provider.ts'
import { REPORT_LIFE_MS, type Store, type Stored, type StoreSession } from './store/store.ts'
import { emptyError } from './store/store-document.ts'

/** The options of `natsProvider`: either `url` or `client`. */
export interface NatsProviderOptions extends StoreProviderOptions {
  /** Such as `nats://user:password@10.0.0.5:4222`; several are servers of one cluster. One connection is opened, and closed with the server. */
  url?: string | readonly string[]
  /** Options of `connect` of the package `@nats-io/transport-node`, beside the url. */
  options?: object
  /** A connection of the package `@nats-io/transport-node`. It is used as it is and not closed. */
  client?: NatsConnection
  /** The bucket of the key. That of the processes is `BUCKET-instances`. Default `tribind`. */
  bucket?: string
  /** The key that has the JSON document. Default `configuration`. */
  key?: string
}

type ReadOptions = ReadStoreProviderOptions & NatsProviderOptions & { readonly bucket: string; readonly key: string }

const table: OptionTable<NatsProviderOptions, ReadOptions> = defineOptions(
  {
    ...storeRows('nats'),
    url: option<string | readonly string[]>(isTextOrTexts, 'a URL, or an array of URLs', { secret: true }),
    options: option<object>(isObject, 'an object of options of the package "@nats-io/transport-node"', {
      secret: true,
    }),
    client: option<NatsConnection>(isConnection, 'a connection of the package "@nats-io/transport-node"'),
    bucket: option<string, { default: string }>(
      (value) => typeof value === 'string' && /^[-\w]+$/.test(value),
      'a name of letters, digits, "-" and "_"',
      { default: 'tribind' },
    ),
    key: option<string, { default: string }>(
      (value) => typeof value === 'string' && /^(?!\.)[-/=.\w]+(?<!\.)$/.test(value),
      'a name of letters, digits and the characters - _ / = and, inside, dots',
      { default: 'configuration' },
    ),
  },
  { owner: 'natsProvider', check: findProblem },
)

type Connect = (options: object) => Promise<NatsConnection>
const loadTransport = onDemand<{ readonly connect: Connect }>('@nats-io/transport-node', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('@nats-io/transport-node')
  } catch (error) {
    throw missingPackage('natsProvider', '@nats-io/transport-node', error)
  }
})
const loadKv = onDemand<{ readonly Kvm: new (connection: NatsConnection) => Kvm }>('@nats-io/kv', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('@nats-io/kv')
  } catch (error) {
    throw missingPackage('natsProvider', '@nats-io/kv', error)
  }
})

/** Publishes the JSON document under a key of a bucket of NATS, and what it becomes. @throws ConfigError naming an option that is wrong, or a package that isn't there */
export function natsProvider(given: NatsProviderOptions): StoreProvider {
  const options = table.parse(given)
  const { url, client, bucket, key } = options
  const { Kvm: Created } = clientPackage('natsProvider', '@nats-io/kv', loadKv)
  const transport =
    client === undefined ? clientPackage('natsProvider', '@nats-io/transport-node', loadTransport) : undefined
  const store = new NatsStore({
    place: `NATS${placeOfUrl([url].flat()[0])}, bucket "${bucket}", key "${key}"`,
    bucket,
    key,
    client,
    // The loop around the store connects again, and is to see each failure.
    connect: () =>
      (transport as NonNullable<typeof transport>).connect({
        timeout: 5000,
        ...options.options,
        servers: url,
        reconnect: false,
      }),
    createKvm: (connection) => new Created(connection),
  })
  return new StoreProvider(store, options)
}

/** Not by the form of URLs: NATS takes `10.0.0.5:4222`, too. */
function isTextOrTexts(value: unknown): boolean {
  const values: unknown[] = [value].flat()
  return values.length > 0 && values.every((value) => typeof value === 'string' && value !== '')
}

function isConnection(value: unknown): boolean {
  return (
    isObject(value) && ['flush', 'isClosed', 'request'].every((name) => typeof Reflect.get(value, name) === 'function')
  )
}

function findProblem({ url, client, options }: ReadOptions): string | undefined {
  if ((url === undefined) === (client === undefined)) return 'set either the option "url" or the option "client"'
  if (client !== undefined && options !== undefined) return 'the option "options" has no effect beside "client"'
  return undefined
}

/** Where a document is in NATS, and by which connection it is read. */
interface NatsTarget {
  readonly place: string
  readonly bucket: string
  readonly key: string
  /** Of the application; else each session creates one. */
  readonly client: NatsConnection | undefined
  readonly connect: () => Promise<NatsConnection>
  /** @internal For its type, whose package may be missing. */
  readonly createKvm: (connection: NatsConnection) => Kvm
}

/** A document under a key of a bucket of NATS, with the revision that NATS keeps. */
class NatsStore implements Store {
  readonly place: string
  readonly advice: string
  readonly #target: NatsTarget

  constructor(target: NatsTarget) {
    this.#target = target
    this.place = target.place
    this.advice = `write one with nats kv put ${target.bucket} ${target.key}, or by the method "write" of the provider`
  }

  createSession(onLost: (error: Error) => void): StoreSession {
    return new NatsSession(this.#target, onLost)
  }
}

class NatsSession implements StoreSession {
  readonly #target: NatsTarget
  readonly #onLost: (error: Error) => void
  #connection: NatsConnection | undefined
  #kvm: Kvm | undefined
  #bucket: KV | undefined
  #changes: { stop(): void } | undefined
  #isClosed = false

  constructor(target: NatsTarget, onLost: (error: Error) => void) {
    this.#target = target
    this.#onLost = onLost
  }

  async connect(): Promise<void> {
    const { client, connect, createKvm, bucket } = this.#target
    this.#connection = client ?? (await connect())
    if (this.#isClosed) return this.close()
    if (client === undefined) void this.#connection.closed().then((error) => this.#lose(error))
    else await this.ping()
    this.#kvm = createKvm(this.#connection)
    // Not by reads of any server that has a copy, which may be behind.
    this.#bucket = await this.#kvm.open(bucket, { allow_direct: false })
  }

  /** Only the heads of messages are sent, since what changed is read. */
  async subscribe(onChange: () => void): Promise<void> {
    const changes = await this.#whereThere(
      this.#opened(this.#bucket).watch({ key: this.#target.key, include: 'updates', headers_only: true }),
    )
    this.#changes = changes
    void this.#follow(changes, onChange)
  }

  async ping(): Promise<void> {
    if (this.#connection?.isClosed() !== false) throw new Error('the connection is closed')
    await this.#connection.flush()
  }

  async read(): Promise<Stored | undefined> {
    const entry = await this.#whereThere(this.#opened(this.#bucket).get(this.#target.key))
    if (entry === null || entry.operation !== 'PUT') return undefined
    return { document: entry.value, revision: entry.revision }
  }

  async write(text: string): Promise<number> {
    const bucket = await this.#opened(this.#kvm).create(this.#target.bucket)
    return bucket.put(this.#target.key, text)
  }

  async report(id: string, text: string): Promise<void> {
    const bucket = await this.#instances()
    await bucket.put(id, text)
  }

  async retract(id: string): Promise<void> {
    const bucket = await this.#instances()
    await bucket.purge(id)
  }

  async reports(): Promise<readonly string[]> {
    const bucket = await this.#instances()
    const ids = await this.#listInstances()
    const entries = await Promise.all(ids.map((id) => bucket.get(id)))
    return entries.filter((entry) => entry?.operation === 'PUT').map((entry) => (entry as KvEntry).string())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#changes?.stop()
    if (this.#target.client === undefined) await this.#connection?.close()
  }

  /** Not by a consumer, as the method `keys` of a bucket: one waits for ever where a key is written meanwhile. */
  async #listInstances(): Promise<readonly string[]> {
    const { bucket } = this.#target
    const { streams } = await this.#opened(this.#kvm).js.jetstreamManager(false)
    const { state } = await streams.info(`KV_${bucket}-instances`, { subjects_filter: '>' })
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subject.lastIndexOf('.') + 1))
  }

  /** A bucket of its own, from which NATS drops what is old. */
  #instances(): Promise<KV> {
    const { bucket } = this.#target
    return this.#opened(this.#kvm).create(`${bucket}-instances`, {
      ttl: REPORT_LIFE_MS,
      // One message for each process.
      history: 1,
      description: `what the processes serve that follow the bucket ${bucket}`,
    })
  }

  async #follow(changes: AsyncIterable<KvWatchEntry>, onChange: () => void): Promise<void> {
    try {
      for await (const _entry of changes) onChange()
      this.#lose(undefined)
    } catch (error) {
      this.#lose(error)
    }
  }

  #lose(error: unknown): void {
    if (!this.#isClosed) this.#onLost(error instanceof Error ? error : new Error('the connection was closed'))
  }

  #opened<Value>(value: Value | undefined): Value {
    if (value === undefined) throw new Error('the connection is closed')
    return value
  }

  async #whereThere<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer
    } catch (error) {
      const { bucket } = this.#target
      if ((error as Error).message !== 'stream not found') throw error
      const missing = emptyError(
        `there is no bucket "${bucket}": create it with nats kv add ${bucket}, or by the method "write" of the provider`,
        error,
      )
      // The subscription is gone with it.
      this.#lose(missing)
      throw missing
    }
  }
}

/** What is used of a connection of the package `@nats-io/transport-node`, beside what `@nats-io/kv` uses. */
export interface NatsConnection {
  flush(): Promise<unknown>
  close(): Promise<unknown>
  closed(): Promise<unknown>
  isClosed(): boolean
}
