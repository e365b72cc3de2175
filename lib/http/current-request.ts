import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import { StateError } from '../base/errors.ts'
import type { Request } from './request.ts'

const storage = new AsyncLocalStorage<Request | undefined>()
let isOn = false

/**
 * The request for which the caller runs, also after `await`, in timers and in listeners; `undefined` outside of any, and
 * in those of a server without the option `useAsyncLocalStorage`.
 *
 * @throws StateError where no server of this process has that option
 */
export function currentRequest(): Request | undefined {
  if (!isOn) {
    throw new StateError('no server follows its requests: turn that on with new Server({ useAsyncLocalStorage: true })')
  }
  return storage.getStore()
}

/** Lets `currentRequest` be called. */
export function allowCurrentRequest(): void {
  isOn = true
}

/** Makes a request the current one of all that the function sets off. */
export function runAsCurrent(request: Request, run: (request: Request) => void): void {
  emitAsCurrent(request.raw, request)
  emitAsCurrent(request.response.raw, request)
  storage.run(request, run, request)
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
