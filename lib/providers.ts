// Exports of tribind/providers.
import { createConfiguration } from './dynamic/create-configuration.ts'
import { configurationWing } from './kit.ts'

// The option `configuration` of a server. package.json lists this file under `sideEffects`.
configurationWing.provide(createConfiguration)

// Configuration
export type { ConfigurationIssue, ConfigurationProvider, ConfigurationSink, InstanceStatus, Verdict } from './index.ts'
export { configurationSchema } from './dynamic/model/configuration-schema.ts'
export type {
  DynamicConfiguration,
  MiddlewareConfiguration,
  MiddlewareReference,
  RouteConfiguration,
  ServiceConfiguration,
  ServiceReference,
} from './dynamic/model/dynamic-configuration.ts'

// Providers
export { fileProvider, type FileProviderOptions } from './dynamic/providers/file-provider.ts'
export { httpProvider, type HttpProviderOptions } from './dynamic/providers/http-provider.ts'
export { memoryProvider, type MemoryProvider } from './dynamic/providers/memory-provider.ts'

// Providers of a document in a store
export { etcdProvider, type EtcdProviderOptions } from './dynamic/providers/etcd-provider.ts'
export { natsProvider, type NatsProviderOptions } from './dynamic/providers/nats-provider.ts'
export {
  type PostgresProvider,
  postgresProvider,
  type PostgresProviderOptions,
} from './dynamic/providers/postgres-provider.ts'
export { redisProvider, type RedisProviderOptions } from './dynamic/providers/redis-provider.ts'
export type { StoreProvider, StoreProviderOptions } from './dynamic/providers/store/store-provider.ts'
