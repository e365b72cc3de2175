// Exports of tribind/forward.
import { forwardWing } from './kit.ts'
import type { Chain as ChainOfServer } from './forward/chain/chain.ts'
import type { ChainOptions as OptionsOfChain, HopOptions as OptionsOfHop } from './forward/chain/chain-options.ts'
import { createServerChains } from './forward/chain/server-chains.ts'

// The options `chains` and `hops` of a server. package.json lists this file under `sideEffects`.
forwardWing.provide(createServerChains)

declare module 'tribind' {
  interface ChainTypes {
    readonly chain: ChainOfServer
    readonly chainSetting: ChainOfServer | OptionsOfChain
    readonly hopSetting: OptionsOfHop
  }
}

// Forwarding
export { forward, type ForwardContinuation, type ForwardHandler } from './forward/request/forward.ts'
export type { ForwardChain, ForwardOptions } from './forward/request/forward-options.ts'
export type { ForwardDiagnostics } from './forward/request/forward-diagnostics.ts'
export type { ForwardNode, NodeTlsOptions } from './forward/request/node-options.ts'
export type { ProbeOptions } from './forward/request/probe-options.ts'
export type { RetryOptions, RetryReason } from './forward/request/retry-options.ts'
export type { FieldChanges, RequestKey, StatusPattern } from './index.ts'

// Selection
export type { NodeStateName, ProbeResult } from './forward/selector/node-state.ts'
export type { NodeStatus } from './forward/selector/node-status.ts'
export type { SelectorOptions, StrategyName } from './forward/selector/selector-options.ts'

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
export type { HopStatus } from './forward/chain/hop.ts'

// Errors
export { ChainError, type EgressAttempt, EgressError } from './index.ts'

// Proxies
export { autoProxy, type AutoProxy } from './forward/raw/auto-proxy.ts'
export { httpProxy, type HttpProxy } from './forward/raw/http-proxy.ts'
export { socks5Proxy, type Socks5Proxy } from './forward/raw/socks5-proxy.ts'
export { tcpForward, type TcpForward } from './forward/raw/tcp-forward.ts'
export type { TcpForwardOptions } from './forward/raw/tcp-forward-options.ts'
export type { TcpNode } from './forward/raw/tcp-node-options.ts'
export type { ProxyAuth, ProxyOptions, VerifyProxyUser } from './forward/raw/proxy-options.ts'
export type { ProxyChain } from './forward/raw/proxy-chain.ts'
export type { AddressRuleList } from './forward/raw/address-rules.ts'
