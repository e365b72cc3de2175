import { ConfigError, type ConfigurationProvider } from '../index.ts'
import type { ConfigurationParts, ConfigurationPort } from '../kit.ts'
import { Aggregate } from './aggregate.ts'
import { configurationSchema } from './model/configuration-schema.ts'
import { redact } from './model/redact.ts'
import { InMemory } from './providers/memory-provider.ts'
import { WatchedConfiguration } from './watch/watched-configuration.ts'

/** The provider that the administration publishes through. */
const API = 'api'

/** Makes the configuration of a server. @throws ConfigError if another kind of provider has the name "api" */
export function createConfiguration(parts: ConfigurationParts): ConfigurationPort {
  const { providers: given } = parts.options
  const api = findApi(given)
  const providers = given.some((provider) => provider === api) ? given : [...given, api]
  const aggregate = new Aggregate(parts)
  const configuration = new WatchedConfiguration(parts, providers, aggregate)
  const inMemory = providers.filter((provider) => provider instanceof InMemory)
  return {
    face: configuration,
    api: {
      get document() {
        return configuration.documentOf(API)
      },
      set: (document) => api.set(document),
      withdraw: () => api.withdraw(),
    },
    nodes: () => aggregate.nodes(),
    redact,
    schema: configurationSchema,
    async start(signal) {
      for (const provider of inMemory) provider.claim(parts.server)
      await configuration.start(signal)
    },
    async stop() {
      await configuration.stop()
      for (const provider of inMemory) provider.release(parts.server)
    },
  }
}

function findApi(providers: readonly ConfigurationProvider[]): InMemory {
  const api = providers.find(({ name }) => name === API) ?? new InMemory(API)
  if (api instanceof InMemory) return api
  throw new ConfigError(
    `option "configuration.providers": "${API}" is the provider of the administration: give yours another name, or create it with memoryProvider`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}
