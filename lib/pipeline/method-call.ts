import { Exit } from '../base/exit.ts'
import { done, isPromise, runInTurn, type Sequence } from '../base/in-turn.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { reportFailure } from '../observe/report-failure.ts'
import { Controller } from './controller.ts'
import type { Endpoint } from './exchange.ts'

/** A method of an object or controller, by its name, and whether `init` and `shut` stand around it. */
export interface Method {
  readonly name: string
  readonly hasInit: boolean
  readonly hasShut: boolean
}

type Target = Record<string, (request: Request) => unknown>

/** The endpoint of a method of one object, which serves all requests. */
export function createObjectEndpoint(object: object, method: Method): Endpoint {
  return (request) => callMethod(request, object as Target, method)
}

/** The endpoint of a method of a class, with a new instance for every request. */
export function createControllerEndpoint(Class: new () => object, method: Method): Endpoint {
  const knowsRequest = Class.prototype instanceof Controller
  const paired = { ...method, hasInit: true, hasShut: true }
  return (request) => {
    const controller = new Class() as Target & { request: Request }
    if (knowsRequest) controller.request = request
    // A class can also have them as fields, which only an instance shows.
    const hasFields = Object.hasOwn(controller, 'init') || Object.hasOwn(controller, 'shut')
    return callMethod(request, controller, hasFields ? paired : method)
  }
}

function callMethod(request: Request, target: Target, method: Method): unknown {
  if (method.hasInit || method.hasShut) return runInTurn(new MethodCall(request, target, method))
  return (target[method.name] as Target[string])(request)
}

/** `init`, the method and `shut`: once `init` was called, `shut` is too. */
class MethodCall implements Sequence {
  readonly #request: Request
  readonly #core: RequestCore
  readonly #target: Target
  readonly #method: Method
  #failure: { readonly thrown: unknown } | undefined = undefined

  constructor(request: Request, target: Target, method: Method) {
    this.#request = request
    this.#core = coreOf(request)
    this.#target = target
    this.#method = method
  }

  run(step: number): unknown {
    const { name, hasInit, hasShut } = this.#method
    if (step === 0) return hasInit ? this.#target['init']?.(this.#request) : undefined
    if (step === 1) return this.#core.isExited ? undefined : this.#write(this.#target[name]?.(this.#request))
    if (step === 2) return hasShut ? this.#target['shut']?.(this.#request) : undefined
    if (this.#failure !== undefined) throw this.#failure.thrown
    return done
  }

  failed(step: number, thrown: unknown): number {
    if (step === 3) throw thrown
    // The first failure is what happened; a second one would hide it.
    if (this.#failure === undefined || this.#failure.thrown instanceof Exit) this.#failure = { thrown }
    else if (!(thrown instanceof Exit)) reportFailure(this.#core, thrown, `shut of ${this.#method.name} failed`)
    return step === 2 ? 3 : 2
  }

  #write(result: unknown): unknown {
    const { response } = this.#core
    return isPromise(result)
      ? Promise.resolve(result).then((value) => response.writeResult(value))
      : response.writeResult(result)
  }
}
