// Exports of tribind/forward.

// Forwarding
export { forward, type ForwardHandler } from './forward/request/forward.ts'
export type { FieldChanges } from './forward/request/field-changes.ts'
export type { ForwardChain, ForwardOptions } from './forward/request/forward-options.ts'
export type { ForwardDiagnostics } from './forward/request/forward-diagnostics.ts'
export type { ForwardNodeStatus } from './forward/request/node-link.ts'
export type { ForwardNode, NodeTlsOptions } from './forward/request/node-options.ts'
export type { ProbeOptions } from './forward/request/probe-options.ts'
export type { RetryOptions, RetryReason } from './forward/request/retry-options.ts'
export type { StatusPattern } from './forward/request/status-set.ts'

// Selection
export type { NodeStateName, ProbeResult } from './forward/selector/node-state.ts'
export type { RequestKey, SelectorOptions, StrategyName } from './forward/selector/selector-options.ts'

// Egress
export { createEgress, type Egress, type EgressConnectOptions } from './forward/egress/egress.ts'
export type { DispatcherOptions } from './forward/egress/connections-dispatcher.ts'
export type { Target } from './forward/egress/connections.ts'
export type { Interface, InterfaceList, InterfaceStrategy } from './forward/egress/interface-option.ts'

// Errors
export { type EgressAttempt, EgressError } from './index.ts'
