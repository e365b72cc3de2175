// What the wings take from the core beside lib/index.ts: what applications have no use for. Add what a wing needs, and nothing else.

// base
export { checkFunction } from './base/check-function.ts'
export { isPlain } from './base/is-plain.ts'
export { nearestName } from './base/nearest-name.ts'
export { onDemand, onDemandModule, onDemandOfNode } from './base/on-demand.ts'
export type { Registered } from './base/register.ts'
export { within } from './base/within.ts'

// binding
export { markHttpHandler } from './binding/http-handler.ts'

// entrypoint
export { completeEntryPoint } from './entrypoint/entry-point-options.ts'

// net
export { parseTrust } from './net/proxy-trust.ts'

// options
export { type Complete, defineOptions, type OptionTable } from './options/define-options.ts'
export { callback, duration, flag, integer, oneOf, readDuration, text } from './options/option-kinds.ts'
export { isObject, type JsonSchema, nested, option, type Option } from './options/option.ts'
export { printValue } from './options/print-value.ts'

// server
export { type ReadServerOptions, serverOptions } from './server/options.ts'
export { databaseOf } from './server/server-database.ts'

// session
export { endOf } from './session/session-store.ts'
