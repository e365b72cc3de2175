import type { ContextBase } from '../base/context.ts'
import type { ProxyTrust } from '../net/proxy-trust.ts'
import type { OpenStreams } from './open-streams.ts'
import type { Sessions } from './session.ts'
import type { UploadLimits } from './forms/upload-limits.ts'
import type { ViewFactory } from './view.ts'

/** What requests and responses get from their server: what its options mean to them, and what they share. */
export interface RequestSettings {
  /** Which machines are proxies whose forwarded fields count; `undefined` where none is. */
  readonly trustsProxy: ProxyTrust | undefined
  /** In bytes. */
  readonly maxBodySize: number
  readonly upload: UploadLimits
  /** `undefined` where the server has no templates. */
  readonly views?: ViewFactory | undefined
  /** The event streams and WebSockets that a stop ends. */
  readonly openStreams: OpenStreams
  /** `undefined` where the server has no sessions. */
  readonly sessions: Sessions | undefined
  /** Gives what the contexts of requests inherit from; `undefined` where that is nothing. */
  readonly baseContext: (() => ContextBase | undefined) | undefined
  /** Whether `currentRequest` is to know the requests. */
  readonly useAsyncLocalStorage: boolean
  /** The first signs cookies, all verify them. */
  readonly cookieSecrets: readonly string[]
}
