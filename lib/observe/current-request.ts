import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import type { Request } from '../http/request.ts'
import type { RequestObserver } from './request-observer.ts'

const storage = new AsyncLocalStorage<Request | undefined>()
let isOn = false
let hasWarned = false

/**
 * The request for which the caller runs, also after `await`, in timers and in listeners; `undefined` outside of any, and
 * in those of a server without the option `useAsyncLocalStorage`.
 */
export function currentRequest(): Request | undefined {
  if (!isOn && !hasWarned) warn()
  return storage.getStore()
}

/** Code may run without the option on purpose, but in most cases the option was forgotten. */
function warn(): void {
  hasWarned = true
  process.emitWarning(
    'currentRequest() is always undefined: no server follows its requests (new Server({ useAsyncLocalStorage: true }))',
  )
}

/** Tells that there is a request to know. */
export function allowCurrentRequest(): void {
  isOn = true
}

/** Makes each request the current one of all that is done for it. */
export const asynchronousContext: RequestObserver = {
  run(request, proceed) {
    emitAsCurrent(request.raw, request)
    emitAsCurrent(request.response.raw, request)
    storage.run(request, proceed)
  },
}

/** Makes a request the current one of all listeners of an emitter: what comes from a connection belongs to no request. */
export function emitAsCurrent(emitter: EventEmitter, request: Request): void {
  const emit = emitter.emit.bind(emitter)
  emitter.emit = (...event) => storage.run(request, emit, ...event)
}

/** Runs something that belongs to no request, though one may have asked for it. */
export function runAsNoRequest<T>(run: () => T): T {
  return isOn ? storage.run(undefined, run) : run()
}
