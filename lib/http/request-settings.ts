import type { ContextBase } from '../base/context.ts'
import type { Tasks } from '../base/tasks.ts'
import type { Logger } from '../log/logger.ts'
import type { ProxyTrust } from '../net/proxy-trust.ts'
import type { Inflating } from './body/inflate.ts'
import type { ServerLanguages } from './language.ts'
import type { OverrideMethod } from './method-override.ts'
import type { WriteFailure } from './output/problem.ts'
import type { Sessions } from './session.ts'
import type { UploadLimits } from './forms/upload-limits.ts'
import type { ViewFactory } from './view.ts'

/** What may become of responses that don't fit the declaration of their endpoint. */
export const responseChecks = ['off', 'log', 'fail'] as const

export type CheckResponses = (typeof responseChecks)[number]

/** The work under way for the requests that come in at one place. */
export interface RequestTraffic {
  /** Their pipelines and close events. */
  readonly tasks: Tasks
  /** What stays open after its head has gone out, and a stop ends: event streams, WebSockets, held sockets. */
  readonly streams: Tasks
  /** Whether connections end with their responses, since the place is about to close. */
  readonly isDraining: boolean
  /** Whether WebSockets are opened; false once they would be ended at once. */
  readonly opensWebSockets: boolean
}

/** What requests and responses get from their server: what its options mean to them, and what they share. */
export interface RequestSettings {
  /** Which machines are proxies whose forwarded fields count; `undefined` where none is. */
  readonly trustsProxy: ProxyTrust | undefined
  /** In bytes. */
  readonly maxBodySize: number
  /** Inflates bodies; `undefined` where encoded ones are refused. */
  readonly inflating: Inflating | undefined
  readonly upload: UploadLimits
  /** Called with each request before its route is looked up; `undefined` where methods stay as they are. */
  readonly overrideMethod: OverrideMethod | undefined
  /** What becomes of responses that don't fit the declaration of their endpoint. */
  readonly checkResponses: CheckResponses
  /** Writes the answers to failures; `undefined` where they are text. */
  readonly writeFailure: WriteFailure | undefined
  readonly views: ViewFactory
  /** The name of the entry point at which requests come in, or as at which they are served. */
  readonly entryPoint: string
  /** That of the routes, which the request keeps to its end. */
  readonly version: number
  readonly traffic: RequestTraffic
  /** Never throws. */
  readonly logger: Logger
  /** `undefined` where the server has no sessions. */
  readonly sessions: Sessions | undefined
  /** `undefined` where the server has no languages. */
  readonly languages: ServerLanguages | undefined
  /** Returns the name of the language of a `Request`, or nothing. */
  readonly detectLanguage: ((request: never) => unknown) | undefined
  /** Returns what the contexts of requests inherit from, or `undefined`. */
  readonly baseContext: (() => ContextBase | undefined) | undefined
  /** Whether `currentRequest` is to know the requests. */
  readonly useAsyncLocalStorage: boolean
  /** The first signs cookies, all verify them. */
  readonly cookieSecrets: readonly string[]
}
