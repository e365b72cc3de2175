// Exports of tribind/providers.

// Configuration
export type { ConfigurationIssue, ConfigurationProvider, ConfigurationSink, InstanceStatus, Verdict } from './index.ts'

// Stores
export { etcdProvider, type EtcdProviderOptions } from './dynamic/providers/etcd-provider.ts'
export { natsProvider, type NatsProviderOptions } from './dynamic/providers/nats-provider.ts'
export {
  type PostgresProvider,
  postgresProvider,
  type PostgresProviderOptions,
} from './dynamic/providers/postgres-provider.ts'
export { redisProvider, type RedisProviderOptions } from './dynamic/providers/redis-provider.ts'
export type { StoreProvider, StoreProviderOptions } from './dynamic/providers/store/store-provider.ts'
