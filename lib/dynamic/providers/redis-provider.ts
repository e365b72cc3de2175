import type { createClient } from 'redis'
import { defineOptions, isObject, onDemand, option, type OptionTable, text } from '../../kit.ts'
import { clientPackage, missingPackage } from './store/client-package.ts'
import { isUrl, placeOfUrl } from './store/url.ts'
import {
  type ReadStoreProviderOptions,
  StoreProvider,
  type StoreProviderOptions,
  storeRows,
} from './store/store-provider.ts'
import { REPORT_LIFE_MS, type Store, type Stored, type StoreSession } from './store/store.ts'
import { checkDocumentSize, documentError } from './store/store-document.ts'

/** The options of `redisProvider`: either `url` or `client`. */
export interface RedisProviderOptions extends StoreProviderOptions {
  /** Such as `redis://user:password@10.0.0.5:6379/0`. Two connections are opened, and closed with the server. */
  url?: string
  /** Options of `createClient` of the package `redis`, beside the url. */
  options?: object
  /** A connected client of the package `redis`. It is used as it is and not closed; one connection beside it is for the channel. */
  client?: RedisClient
  /** The key that has the JSON document; `KEY:revision` has its revision. Default `tribind`. */
  key?: string
  /** The channel on which changes are told. Default that of the key. */
  channel?: string
}

type ReadOptions = ReadStoreProviderOptions & RedisProviderOptions & { readonly key: string; readonly channel: string }

const table: OptionTable<RedisProviderOptions, ReadOptions> = defineOptions(
  {
    ...storeRows('redis'),
    url: option<string>(isUrl, 'a URL such as redis://10.0.0.5:6379', { secret: true }),
    options: option<object>(isObject, 'an object of options of the package "redis"', { secret: true }),
    client: option<RedisClient>(isClient, 'a client of the package "redis"'),
    key: text({ default: 'tribind' }),
    channel: text({ createDefault: ({ key }) => key as string, defaultText: 'that of the key' }),
  },
  { owner: 'redisProvider', check: findProblem },
)

const load = onDemand<{ readonly createClient: typeof createClient }>('redis', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('redis')
  } catch (error) {
    throw missingPackage('redisProvider', 'redis', error)
  }
})

/** Publishes the JSON document under a key of Redis, and what it becomes. @throws ConfigError naming an option that is wrong, or the package `redis` where it isn't there */
export function redisProvider(given: RedisProviderOptions): StoreProvider {
  const options = table.parse(given)
  const { url, client, key, channel } = options
  const place = `Redis${placeOfUrl(url)}, key "${key}"`
  const redis = client === undefined ? clientPackage('redisProvider', 'redis', load) : undefined
  const create = () => redis?.createClient(clientOptions(options)) as unknown as RedisClient
  return new StoreProvider(new RedisStore({ place, key, channel, client, createClient: create }), options)
}

/** The loop around the store connects again, and is to see each failure. */
function clientOptions({ url, options = {} }: ReadOptions): object {
  const { socket } = options as { socket?: object }
  return {
    ...options,
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 5000, ...socket, reconnectStrategy: false },
  }
}

function isClient(value: unknown): boolean {
  return (
    isObject(value) &&
    ['sendCommand', 'duplicate', 'subscribe'].every((name) => typeof Reflect.get(value, name) === 'function')
  )
}

function findProblem({ url, client, options }: ReadOptions): string | undefined {
  if ((url === undefined) === (client === undefined)) return 'set either the option "url" or the option "client"'
  if (client !== undefined && options !== undefined) return 'the option "options" has no effect beside "client"'
  return undefined
}

/** What is used of a client of the package `redis`. */
export interface RedisClient {
  readonly isOpen: boolean
  readonly isReady: boolean
  connect(): Promise<unknown>
  destroy(): void
  duplicate(): RedisClient
  ping(): Promise<unknown>
  sendCommand(args: string[]): Promise<unknown>
  subscribe(channel: string, listener: () => void): Promise<unknown>
  on(event: 'error' | 'end', listener: (error: Error) => void): unknown
  off(event: 'error' | 'end', listener: (error: Error) => void): unknown
}

/** Where a document is in Redis, and by which client it is read. */
interface RedisTarget {
  readonly place: string
  readonly key: string
  readonly channel: string
  /** Of the application; else each session creates one. */
  readonly client: RedisClient | undefined
  readonly createClient: () => RedisClient
}

/** A document under a key of Redis; the key `KEY:revision` has its revision. */
class RedisStore implements Store {
  readonly place: string
  readonly advice: string
  readonly #target: RedisTarget

  constructor(target: RedisTarget) {
    this.#target = target
    this.place = target.place
    this.advice = `write one with SET ${target.key}, or by the method "write" of the provider`
  }

  createSession(onLost: (error: Error) => void): StoreSession {
    return new RedisSession(this.#target, onLost)
  }

  guard(): () => void {
    const { client } = this.#target
    const ignore = () => {}
    client?.on('error', ignore)
    return () => void client?.off('error', ignore)
  }
}

/** In one step, so that no one reads a document with the revision of another. */
const writeScript = `
redis.call('set', KEYS[1], ARGV[1])
local revision = redis.call('incr', KEYS[2])
redis.call('publish', ARGV[2], revision)
return revision`

class RedisSession implements StoreSession {
  readonly #target: RedisTarget
  readonly #onLost: (error: Error) => void
  readonly #client: RedisClient
  /** Those that are closed with the session. */
  readonly #own: RedisClient[] = []
  #subscriber: RedisClient | undefined

  constructor(target: RedisTarget, onLost: (error: Error) => void) {
    this.#target = target
    this.#onLost = onLost
    this.#client = target.client ?? this.#keep(target.createClient())
  }

  async connect(): Promise<void> {
    if (this.#target.client === undefined) await this.#client.connect()
    else if (!this.#client.isReady) throw new Error('the client that was passed in is not connected')
  }

  /** Over a connection of its own: one that has subscribed takes no other commands. */
  async subscribe(onChange: () => void): Promise<void> {
    this.#subscriber = this.#keep(this.#client.duplicate())
    await this.#subscriber.connect()
    await this.#subscriber.subscribe(this.#target.channel, onChange)
  }

  ping(): Promise<unknown> {
    return Promise.all([this.#send('PING'), this.#subscriber?.ping()])
  }

  async read(): Promise<Stored | undefined> {
    const { key } = this.#target
    checkDocumentSize(Number(await this.#send('STRLEN', key)))
    const [document, revision] = (await this.#send('MGET', key, `${key}:revision`)) as (string | null)[]
    if (document === null || document === undefined) return undefined
    return { document, revision: readRevision(revision, `${key}:revision`) }
  }

  async write(text: string): Promise<number> {
    const { key, channel } = this.#target
    return Number(await this.#send('EVAL', writeScript, '2', key, `${key}:revision`, text, channel))
  }

  report(id: string, text: string): Promise<unknown> {
    const set = `${this.#target.key}:instances`
    return Promise.all([
      this.#send('SET', `${set}:${id}`, text, 'PX', String(REPORT_LIFE_MS)),
      this.#send('SADD', set, id),
    ])
  }

  retract(id: string): Promise<unknown> {
    const set = `${this.#target.key}:instances`
    return Promise.all([this.#send('DEL', `${set}:${id}`), this.#send('SREM', set, id)])
  }

  /** Also removes those from the list whose report has vanished. */
  async reports(): Promise<readonly string[]> {
    const set = `${this.#target.key}:instances`
    const ids = [...((await this.#send('SMEMBERS', set)) as Iterable<string>)]
    if (ids.length === 0) return []
    const texts = (await this.#send('MGET', ...ids.map((id) => `${set}:${id}`))) as (string | null)[]
    const gone = ids.filter((_id, i) => texts[i] === null)
    if (gone.length > 0) await this.#send('SREM', set, ...gone)
    return texts.filter((text) => text !== null)
  }

  close(): void {
    // Version 5 throws for one that is closed.
    for (const client of this.#own) if (client.isOpen) client.destroy()
  }

  /** A client that isn't connected would keep the command until it is. */
  #send(...command: string[]): Promise<unknown> {
    if (this.#client.isReady) return this.#client.sendCommand(command)
    return Promise.reject(new Error('the client is not connected'))
  }

  #keep(client: RedisClient): RedisClient {
    client.on('error', this.#onLost)
    client.on('end', () => this.#onLost(new Error('the connection was closed')))
    this.#own.push(client)
    return client
  }
}

function readRevision(text: string | null | undefined, key: string): number | undefined {
  if (text === null || text === undefined) return undefined
  const revision = Number(text)
  if (Number.isSafeInteger(revision)) return revision
  throw documentError(`the key "${key}" must have an integer`)
}
