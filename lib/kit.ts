// What the wings take from the core beside lib/index.ts: what applications have no use for. Add what a wing needs, and nothing else.

// Options
export { type Complete, defineOptions, type OptionTable } from './options/define-options.ts'
export { isObject, nested, type Option, option } from './options/option.ts'
export { callback, duration, flag, integer, oneOf, readDuration, text } from './options/option-kinds.ts'
export { printValue } from './options/print-value.ts'

// Entry points
export { markHttpHandler } from './binding/http-handler.ts'

// Server
export { type ChainsOptions, type ChainsPort, provideChains } from './server/named-chains.ts'

// Language
export { checkFunction } from './base/check-function.ts'
export { onDemand, onDemandModule } from './base/on-demand.ts'
export { nearestName } from './base/nearest-name.ts'
