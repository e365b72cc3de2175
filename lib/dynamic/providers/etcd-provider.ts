import { defineOptions, isObject, option, type OptionTable, text } from '../../kit.ts'
import { type EtcdPlace, EtcdClient, AnswerTooLarge } from './store/etcd-client.ts'
import { isUrl, placeOfUrl } from './store/url.ts'
import {
  type ReadStoreProviderOptions,
  StoreProvider,
  type StoreProviderOptions,
  storeRows,
} from './store/store-provider.ts'
import { REPORT_LIFE_MS, type Store, type Stored, type StoreSession } from './store/store.ts'
import { documentError, MAX_DOCUMENT_SIZE } from './store/store-document.ts'

/** The options of `etcdProvider`. */
export interface EtcdProviderOptions extends StoreProviderOptions {
  /** Such as `http://10.0.0.5:2379` or `https://user:password@10.0.0.5:2379`; several are members of one cluster. */
  url: string | readonly string[]
  /** Options of `https.request`, such as `ca`, `cert` and `key`. */
  options?: object
  /** The key that has the JSON document; the processes are below `KEY/instances/`. Default `tribind`. */
  key?: string
}

type ReadOptions = ReadStoreProviderOptions & EtcdProviderOptions & { readonly key: string }

const table: OptionTable<EtcdProviderOptions, ReadOptions> = defineOptions(
  {
    ...storeRows('etcd'),
    url: option<string | readonly string[], { required: true; secret: true }>(
      areHttpUrls,
      'an http or https URL, or an array of them',
      { required: true, secret: true },
    ),
    options: option<object>(isObject, 'an object of options of https.request', { secret: true }),
    key: text({ default: 'tribind' }),
  },
  { owner: 'etcdProvider' },
)

/** Publishes the JSON document under a key of etcd 3, and what it becomes. Needs no package. @throws ConfigError naming an option that is wrong */
export function etcdProvider(given: EtcdProviderOptions): StoreProvider {
  const options = table.parse(given)
  const urls = [options.url].flat()
  const store = new EtcdStore({
    place: `etcd${placeOfUrl(urls[0])}, key "${options.key}"`,
    key: options.key,
    endpoints: urls.map((url) => readPlace(url, options.options ?? {})),
  })
  return new StoreProvider(store, options)
}

function areHttpUrls(value: unknown): boolean {
  const urls: unknown[] = [value].flat()
  return urls.length > 0 && urls.every((url) => isUrl(url) && /^https?:/.test(url))
}

function readPlace(text: string, options: object): EtcdPlace {
  const url = new URL(text)
  const [user, password] = [url.username, url.password].map(decodeURIComponent) as [string, string]
  url.username = ''
  url.password = ''
  return { url, user, password, options }
}

/** Where a document is in etcd. */
interface EtcdTarget {
  readonly place: string
  readonly key: string
  /** Of one cluster; another is tried with each session. */
  readonly endpoints: readonly EtcdPlace[]
}

/** A document under a key of etcd, with the revision at which it was changed last. */
class EtcdStore implements Store {
  readonly place: string
  readonly advice: string
  readonly #target: EtcdTarget
  #sessions = 0

  constructor(target: EtcdTarget) {
    this.#target = target
    this.place = target.place
    this.advice = `write one with etcdctl put ${target.key}, or by the method "write" of the provider`
  }

  createSession(onLost: (error: Error) => void): StoreSession {
    const { endpoints, key } = this.#target
    const endpoint = endpoints[this.#sessions++ % endpoints.length] as EtcdPlace
    return new EtcdSession(new EtcdClient(endpoint), key, onLost)
  }
}

interface KeyValue {
  readonly value?: string
  readonly mod_revision: string
}

interface Range {
  readonly kvs?: readonly KeyValue[]
}

class EtcdSession implements StoreSession {
  readonly #client: EtcdClient
  readonly #key: string
  readonly #onLost: (error: Error) => void

  constructor(client: EtcdClient, key: string, onLost: (error: Error) => void) {
    this.#client = client
    this.#key = key
    this.#onLost = onLost
  }

  async connect(): Promise<void> {
    await this.#client.authenticate()
    await this.ping()
  }

  /** Resolves with the line that confirms the watch. Each line after it tells of changes. */
  async subscribe(onChange: () => void): Promise<void> {
    const lines = await this.#client.open('watch', { create_request: { key: encode(this.#key) } })
    await new Promise<void>((resolve, reject) => {
      let begin = ''
      const fail = (error: Error) => {
        reject(error)
        this.#onLost(error)
      }
      const take = (chunk: Buffer) => {
        // What changed is read: of each line, its beginning says enough.
        const [first = '', ...others] = chunk.toString('latin1').split('\n')
        begin = (begin + first).slice(0, 1000)
        for (const next of others) {
          const problem = problemOf(begin)
          if (problem !== undefined) fail(new Error(problem))
          else if (begin.includes('"created":true')) resolve()
          else if (begin !== '') onChange()
          begin = next.slice(0, 1000)
        }
      }
      lines.on('data', take)
      lines.once('error', fail)
      lines.once('close', () => fail(new Error('the watch was closed')))
    })
  }

  /** Of the cluster, and not only of the process that was reached. */
  ping(): Promise<unknown> {
    return this.#client.call('kv/range', { key: encode(this.#key), count_only: true })
  }

  async read(): Promise<Stored | undefined> {
    const [found] = await this.#range({ key: encode(this.#key) })
    if (found === undefined) return undefined
    return { document: Buffer.from(found.value ?? '', 'base64'), revision: Number(found.mod_revision) }
  }

  async write(text: string): Promise<number> {
    const { header } = await this.#client.call('kv/put', { key: encode(this.#key), value: encode(text) })
    return Number(header?.revision)
  }

  /** With a lease of its own each time: what it is written with last counts. */
  async report(id: string, text: string): Promise<void> {
    const { ID } = await this.#client.call<{ ID: string }>('lease/grant', { TTL: REPORT_LIFE_MS / 1000 })
    await this.#client.call('kv/put', { key: encode(this.#instances + id), value: encode(text), lease: ID })
  }

  retract(id: string): Promise<unknown> {
    return this.#client.call('kv/deleterange', { key: encode(this.#instances + id) })
  }

  async reports(): Promise<readonly string[]> {
    // The character after the slash, for the end of what begins with the prefix.
    const found = await this.#range({ key: encode(this.#instances), range_end: encode(`${this.#key}/instances0`) })
    return found.map(({ value = '' }) => Buffer.from(value, 'base64').toString())
  }

  close(): void {
    this.#client.close()
  }

  get #instances(): string {
    return `${this.#key}/instances/`
  }

  async #range(body: object): Promise<readonly KeyValue[]> {
    try {
      // In base64, and with the keys around it.
      const { kvs = [] } = await this.#client.call<Range>('kv/range', body, (MAX_DOCUMENT_SIZE * 4) / 3 + 10_000)
      return kvs
    } catch (error) {
      if (error instanceof AnswerTooLarge)
        throw documentError('the document must have at most 8 MiB, and has more', error)
      throw error
    }
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The values in a line are in base64, so that this finds nothing in them. */
function problemOf(line: string): string | undefined {
  if (line.startsWith('{"error"')) return `the watch failed: ${line.slice(0, 300)}`
  if (!line.includes('"canceled":true')) return undefined
  return `the watch was canceled${/"cancel_reason":"([^"]*)"/.exec(line)?.[0] ?? ''}`
}
