import { channel } from 'node:diagnostics_channel'
import { coreOf, type Request } from '../http/request.ts'
import type { Response } from '../http/response.ts'
import type { RequestObserver } from './request-observer.ts'

/** What subscribers of the channels `tribind.request.*` are called with: one object for all events of a request. */
export interface RequestDiagnostics {
  readonly request: Request
  readonly response: Response
  /** The name of the entry point that it came in at, or as at which it is served. */
  readonly entryPoint: string
  /** The version of the routes that serve it. */
  readonly version: number
  /** What was thrown last; `undefined` before anything was. */
  readonly error: unknown
  /** Whether the response is made from `error`; false where it came too late for that. */
  readonly isAnswer: boolean
  /** At `close`, whether the whole response went out; false before, and where the client has left. */
  readonly isFinished: boolean
}

type Draft = { -readonly [Name in keyof RequestDiagnostics]: RequestDiagnostics[Name] }

const start = channel('tribind.request.start')
const route = channel('tribind.request.route')
const served = channel('tribind.request.served')
const failed = channel('tribind.request.error')
const close = channel('tribind.request.close')

// Beside the requests, which carry nothing for channels without subscribers.
const drafts = new WeakMap<Request, Draft>()

/** Publishes what happens to requests on the channels `tribind.request.*`, those with a subscriber when they arrive. */
export const diagnostics: RequestObserver = {
  channels: [start, route, served, failed, close],
  // In the stores that are bound to the channel.
  run: (request, proceed) => start.runStores(describe(request), proceed),
  routed: (request) => route.publish(describe(request)),
  served: (request) => served.publish(describe(request)),
  failed: (request, error, isAnswer) => failed.publish(Object.assign(describe(request), { error, isAnswer })),
  closed(request, isResponseFinished) {
    // A connection that was handed over has no end of its response.
    const isFinished = isResponseFinished || coreOf(request).response.isHandedOver
    close.publish(Object.assign(describe(request), { isFinished }))
  },
}

function describe(request: Request): Draft {
  const known = drafts.get(request)
  if (known !== undefined) return known
  const { response } = request
  const { entryPoint, version } = coreOf(request).settings
  const draft: Draft = { request, response, entryPoint, version, error: undefined, isAnswer: false, isFinished: false }
  drafts.set(request, draft)
  return draft
}
