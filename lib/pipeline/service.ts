import { Exit } from '../base/exit.ts'
import { isPromise } from '../base/is-promise.ts'
import type { Request } from '../http/request.ts'
import { Controller } from './controller.ts'
import { drive } from './drive.ts'
import { reportFailure } from '../observe/report-failure.ts'

/** What a route leads to, such as a handler: what it returns, or what its promise becomes, is written as the answer. */
export type Service = (request: Request) => unknown

/** A method of an object or controller, by its name, and what stands around it. */
export interface MethodCall {
  readonly name: string
  readonly hasInit: boolean
  readonly hasShut: boolean
}

type Methods = Record<string, (request: Request) => unknown>

/** One object for all requests. */
export function createObjectService(object: object, call: MethodCall): Service {
  return (request) => callMethod(request, object as Methods, call)
}

/** A new instance for every request. */
export function createControllerService(Class: new () => object, call: MethodCall): Service {
  const knowsRequest = Class.prototype instanceof Controller
  const paired = { ...call, hasInit: true, hasShut: true }
  return (request) => {
    const controller = new Class() as Methods & { request: Request }
    if (knowsRequest) controller.request = request
    // A class can also have them as fields, which only an instance shows.
    const hasFields = Object.hasOwn(controller, 'init') || Object.hasOwn(controller, 'shut')
    return callMethod(request, controller, hasFields ? paired : call)
  }
}

function callMethod(request: Request, target: Methods, call: MethodCall): unknown {
  return call.hasInit || call.hasShut
    ? drive(callPaired(request, target, call))
    : (target[call.name] as Methods[string])(request)
}

function* callPaired(request: Request, target: Methods, call: MethodCall): Generator<unknown, void, unknown> {
  let thrown: unknown
  let hasThrown = false
  try {
    if (call.hasInit) yield target['init']?.(request)
    if (!request.isExited()) yield writeResult(request, target[call.name]?.(request))
  } catch (first) {
    thrown = first
    hasThrown = true
  }
  try {
    if (call.hasShut) yield target['shut']?.(request)
  } catch (second) {
    // The first failure is what happened; the second would hide it.
    if (!hasThrown || thrown instanceof Exit) thrown = second
    else if (!(second instanceof Exit)) reportFailure(request, second, `shut of ${call.name} failed`)
    hasThrown = true
  }
  if (hasThrown) throw thrown
}

/** Writes what a handler or method returned, or what its promise becomes. */
export function writeResult(request: Request, result: unknown): void | PromiseLike<unknown> {
  if (result === undefined) return
  if (isPromise(result)) return Promise.resolve(result).then((value) => writeResult(request, value))
  request.response.writeResult(result)
}
