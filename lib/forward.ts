// Exports of tribind/forward.

// Egress
export { createEgress, type Egress, type EgressConnectOptions } from './forward/egress/egress.ts'
export type { DispatcherOptions } from './forward/egress/connections-dispatcher.ts'
export type { Target } from './forward/egress/connections.ts'
export type { Interface, InterfaceList, InterfaceStrategy } from './forward/egress/interface-option.ts'

// Errors
export { type EgressAttempt, EgressError } from './index.ts'
