// Exports of tribind/forward.

// Egress
export { createEgress, type Egress, type EgressConnectOptions } from './forward/egress/egress.ts'
export type { DispatcherOptions } from './forward/egress/connections-dispatcher.ts'
export type { Target } from './forward/egress/connections.ts'
export type { Interface, InterfaceList, InterfaceStrategy } from './forward/egress/interface-option.ts'

// Errors
export { type EgressAttempt, EgressError } from './index.ts'

// Proxies
export { autoProxy, type AutoProxy } from './forward/raw/auto-proxy.ts'
export { httpProxy, type HttpProxy } from './forward/raw/http-proxy.ts'
export { socks5Proxy, type Socks5Proxy } from './forward/raw/socks5-proxy.ts'
export type { ProxyAuth, ProxyOptions, VerifyProxyUser } from './forward/raw/proxy-options.ts'
export type { AddressRuleList } from './forward/raw/address-rules.ts'
