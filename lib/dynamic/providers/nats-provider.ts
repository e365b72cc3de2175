import type { Kvm } from '@nats-io/kv'
import { defineOptions, isObject, onDemand, option, type OptionTable } from '../../kit.ts'
import { clientPackage } from './store/client-package.ts'
import type { NatsConnection } from './store/nats-connection.ts'
import { NatsStore } from './store/nats-store.ts'
import { placeOfUrl } from './store/url.ts'
import {
  type ReadStoreProviderOptions,
  StoreProvider,
  type StoreProviderOptions,
  storeRows,
} from './store/store-provider.ts'

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
const loadTransport = onDemand<{ readonly connect: Connect }>('@nats-io/transport-node', () =>
  require('@nats-io/transport-node'),
)
const loadKv = onDemand<{ readonly Kvm: new (connection: NatsConnection) => Kvm }>('@nats-io/kv', () =>
  require('@nats-io/kv'),
)

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
