// Exports of tribind/providers.

// Configuration
export type { ConfigurationIssue, ConfigurationProvider, ConfigurationSink, InstanceStatus, Verdict } from './index.ts'
