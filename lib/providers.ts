// Exports of tribind/providers.
import { createConfiguration } from './dynamic/create-configuration.ts'
import { configurationWing } from './kit.ts'

// Configuration
export type { ConfigurationIssue, ConfigurationProvider, ConfigurationSink, InstanceStatus, Verdict } from './index.ts'
export { memoryProvider, type MemoryProvider } from './dynamic/providers/memory-provider.ts'

configurationWing.provide(createConfiguration)
