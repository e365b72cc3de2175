// Exports of tribind/providers.

// Configuration
export type { ConfigurationIssue, ConfigurationProvider, ConfigurationSink, InstanceStatus, Verdict } from './index.ts'

// Providers
export { fileProvider, type FileProviderOptions } from './dynamic/providers/file-provider.ts'
export { httpProvider, type HttpProviderOptions } from './dynamic/providers/http-provider.ts'
