import type { createClient } from 'redis'
import { defineOptions, isObject, onDemand, option, type OptionTable, text } from '../../kit.ts'
import { clientPackage, missingPackage } from './store/client-package.ts'
import { isUrl, placeOfUrl } from './store/url.ts'
import { type RedisClient, RedisStore } from './store/redis-store.ts'
import {
  type ReadStoreProviderOptions,
  StoreProvider,
  type StoreProviderOptions,
  storeRows,
} from './store/store-provider.ts'

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
