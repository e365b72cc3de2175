import { channel } from 'node:diagnostics_channel'
import type { Request } from '../http/request.ts'
import type { Response } from '../http/response.ts'

/** What subscribers of the channels `tribind.request.*` are given: one object for all events of a request. */
export interface RequestDiagnostics {
  readonly request: Request
  readonly response: Response
  /** What was thrown last; `undefined` before anything was. */
  readonly error: unknown
  /** Whether the answer is made from `error`; false where it came too late for that. */
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

// Beside the requests, so that those of which nobody wants to know carry nothing.
const drafts = new WeakMap<Request, Draft>()

/** Runs all that is done for a request, in the stores that are bound to the channel of its start. */
export function publishStart(request: Request, run: (request: Request) => void): void {
  if (start.hasSubscribers) start.runStores(describe(request), run, undefined, request)
  else run(request)
}

/** Tells that a route serves the request. */
export function publishRoute(request: Request): void {
  if (route.hasSubscribers) route.publish(describe(request))
}

/** Tells that middleware and service have done their work, have failed, or were left out. */
export function publishServed({ request }: { readonly request: Request }): void {
  if (served.hasSubscribers) served.publish(describe(request))
}

/** Tells what failed; before it becomes the answer, where it does. */
export function publishError(request: Request, error: unknown, isAnswer = false): void {
  if (failed.hasSubscribers) failed.publish(Object.assign(describe(request), { error, isAnswer }))
}

/** Whether the end of requests is to be waited for, so that it can be told. */
export function isCloseAwaited(): boolean {
  return close.hasSubscribers
}

/** Tells that the request is over, and what it held given back. */
export function publishClose(request: Request, isResponseFinished: boolean): void {
  if (!close.hasSubscribers) return
  const { status, sent } = request.response
  // A connection handed over has no end of its response.
  const isFinished = isResponseFinished || (status === 101 && sent)
  close.publish(Object.assign(describe(request), { isFinished }))
}

function describe(request: Request): Draft {
  const known = drafts.get(request)
  if (known !== undefined) return known
  const draft: Draft = { request, response: request.response, error: undefined, isAnswer: false, isFinished: false }
  drafts.set(request, draft)
  return draft
}
