// Exports of tribind/forward.

// Egress
export { createEgress, type Egress, type EgressConnectOptions } from './forward/egress/egress.ts'
export type { DispatcherOptions } from './forward/egress/connections-dispatcher.ts'
export type { Target } from './forward/egress/connections.ts'
export type { Interface, InterfaceList, InterfaceStrategy } from './forward/egress/interface-option.ts'

// Chains
export { type Chain, type ChainConnectOptions, type ChainStatus, createChain } from './forward/chain/chain.ts'
export type { ChainNodeOptions, ChainOptions, HopName, HopOptions } from './forward/chain/chain-options.ts'
export type { ConnectorOptions, ConnectorType, Credentials } from './forward/chain/connector-options.ts'
export type { DialerOptions, DialerType } from './forward/chain/dialer-options.ts'
export type { ChainNodeStatus, HopStatus } from './forward/chain/hop.ts'

// Errors
export { ChainError, type EgressAttempt, EgressError } from './index.ts'
