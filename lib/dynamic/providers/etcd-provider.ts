import { defineOptions, isObject, option, type OptionTable, text } from '../../kit.ts'
import type { EtcdPlace } from './store/etcd-client.ts'
import { EtcdStore } from './store/etcd-store.ts'
import { isUrl, placeOfUrl } from './store/url.ts'
import {
  type ReadStoreProviderOptions,
  StoreProvider,
  type StoreProviderOptions,
  storeRows,
} from './store/store-provider.ts'

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
