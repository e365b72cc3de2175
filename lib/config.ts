// Exports of tribind/config.
export { Config, type ConfigOrigin } from './config/config.ts'
export type { PathOf, ValueAt } from './config/config-path.ts'
export { loadConfig, type LoadConfigOptions } from './config/load-config.ts'
export type { ConfigSchema, ConfigValues } from './config/schemas.ts'
export { serverSchema, type ServerSettings } from './config/server-schema.ts'
export { ConfigError, type ConfigIssue } from './index.ts'
