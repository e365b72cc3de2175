// What the wings take from the core beside lib/index.ts: what applications have no use for. Add what a wing needs, and nothing else.

// Options
export { type Complete, defineOptions, type OptionTable } from './options/define-options.ts'
export { isObject, nested, type Option, option } from './options/option.ts'
export { callback, duration, flag, integer, oneOf, readDuration, text } from './options/option-kinds.ts'
export { printValue } from './options/print-value.ts'

// Sessions
export { endOf } from './session/session-store.ts'

// Server
export { databaseOf } from './server/server-database.ts'
// Entry points
export { markHttpHandler } from './binding/http-handler.ts'

// Language
export { checkFunction } from './base/check-function.ts'
export { onDemand, onDemandModule, onDemandOfNode } from './base/on-demand.ts'
export type { Registered } from './base/register.ts'
export { within } from './base/within.ts'
export { nearestName } from './base/nearest-name.ts'
