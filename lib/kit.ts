// What the wings take from the core beside lib/index.ts: what applications have no use for. Add what a wing needs, and nothing else.

// Options
export { type Complete, defineOptions, type OptionTable } from './options/define-options.ts'
export { isObject, type JsonSchema, nested, option } from './options/option.ts'
export { callback, duration, flag, integer, oneOf, text } from './options/option-kinds.ts'
export { printValue } from './options/print-value.ts'

// The server
export { type ReadServerOptions, serverOptions } from './server/options.ts'
export { completeEntryPoint } from './entrypoint/entry-point-options.ts'
export { parseTrust } from './net/proxy-trust.ts'

// Language
export { isPlain } from './base/is-plain.ts'
export { onDemand } from './base/on-demand.ts'
export { nearestName } from './base/nearest-name.ts'
