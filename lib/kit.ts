// What the wings take from the core beside lib/index.ts: what applications have no use for. Add what a wing needs, and nothing else.

// Options
export { type Complete, defineOptions, type OptionTable } from './options/define-options.ts'
export { isObject, nested, type Option, option } from './options/option.ts'
export { bytes, callback, duration, flag, integer, oneOf, readDuration, text } from './options/option-kinds.ts'
export { printValue } from './options/print-value.ts'

// Requests and responses
export { coreOf } from './http/request.ts'
export type { RequestCore } from './http/request-core.ts'
export { awaitsContinue } from './http/body/expect-continue.ts'
export { drainBody } from './http/body/drain-body.ts'
export { isListField } from './http/output/list-field.ts'
export type { Relayed } from './http/output/send-relayed.ts'
export { takesUpgrades } from './pipeline/exchange.ts'

// Text on the wire, and routes
export { parseHost } from './net/host.ts'
export { httpMethods } from './net/methods.ts'
export { parsePath } from './net/path.ts'
export { normalizeAddress } from './net/proxy-trust.ts'
export { compareBound } from './routing/bound.ts'
export { alignRests } from './routing/match-route.ts'
export { parseRoute, type Route } from './routing/route.ts'
export { matchMixed, type MixedSegment, type Segment } from './routing/segment.ts'

// Entry points
export { type HttpHandler, markHttpHandler } from './binding/http-handler.ts'

// Language
export { onStop } from './base/stop-hooks.ts'
export { checkFunction } from './base/check-function.ts'
export { onDemand, onDemandModule } from './base/on-demand.ts'
export { nearestName } from './base/nearest-name.ts'
