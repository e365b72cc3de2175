import type { ProxyTrust } from '../base/proxy-trust.ts'

/** What requests and responses are told by the options of their server. */
export interface RequestSettings {
  /** Which machines are proxies whose forwarded fields count; `undefined` where none is. */
  readonly trustsProxy: ProxyTrust | undefined
}
