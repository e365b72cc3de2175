import { Exit } from '../base/exit.ts'
import { done, isPromise, runInTurn, type Sequence } from '../base/in-turn.ts'
import { type Declared, readInput } from '../declare/read-input.ts'
import { createWriter, type ResultMapper, type WriteResult } from '../declare/results.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { reportFailure } from '../observe/report-failure.ts'
import { Controller } from './controller.ts'
import { type Endpoint, mapped } from './exchange.ts'

/** A method of an object or controller, by its name, and what stands around it. */
export interface Method {
  readonly name: string
  readonly hasInit: boolean
  readonly hasShut: boolean
  /** Its declaration. */
  readonly declared?: Declared | undefined
}

/** A method with what writes its results; `undefined` where they go out as they are. */
interface WrittenMethod extends Method {
  readonly write: WriteResult | undefined
}

type Target = Record<string, (request: Request) => unknown>

/** The endpoint of a handler. It is the handler itself where nothing is to be done to its results. */
export function createHandlerEndpoint(handler: Endpoint, declared: Declared | undefined): Endpoint {
  return declared === undefined
    ? handler
    : mappable((mappers) => writeResults(handler, createWriter(declared, mappers)))
}

/** The endpoint of a method of one object, which serves all requests. */
export function createObjectEndpoint(object: object, method: Method): Endpoint {
  return mappable((mappers) => {
    const written = { ...method, write: createWriter(method.declared, mappers) }
    return (request) => callMethod(request, object as Target, written)
  })
}

/** The endpoint of a method of a class, with a new instance for every request. */
export function createControllerEndpoint(Class: new () => object, method: Method): Endpoint {
  const knowsRequest = Class.prototype instanceof Controller
  return mappable((mappers) => {
    const written = { ...method, write: createWriter(method.declared, mappers) }
    const paired = { ...written, hasInit: true, hasShut: true }
    return (request) => {
      const controller = new Class() as Target & { request: Request }
      if (knowsRequest) controller.request = request
      // A class can also have them as fields, which only an instance shows.
      const hasFields = Object.hasOwn(controller, 'init') || Object.hasOwn(controller, 'shut')
      return callMethod(request, controller, hasFields ? paired : written)
    }
  })
}

/** Returns an endpoint whose results go through functions of `mapResults`, the innermost first. */
export function mapEndpoint(endpoint: Endpoint, mappers: readonly ResultMapper[]): Endpoint {
  if (mappers.length === 0) return endpoint
  return endpoint[mapped]?.(mappers) ?? writeResults(endpoint, createWriter(undefined, mappers))
}

function mappable(create: (mappers: readonly ResultMapper[]) => Endpoint): Endpoint {
  return Object.defineProperty(create([]), mapped, { value: create })
}

function writeResults(endpoint: Endpoint, write: WriteResult | undefined): Endpoint {
  if (write === undefined) return (request) => endpoint(request)
  return (request) => {
    const core = coreOf(request)
    const result = endpoint(request)
    return isPromise(result) ? Promise.resolve(result).then((value) => write(core, value)) : write(core, result)
  }
}

function callMethod(request: Request, target: Target, method: WrittenMethod): unknown {
  const { name, hasInit, hasShut, declared, write } = method
  if (hasInit || hasShut || declared !== undefined || write !== undefined)
    return runInTurn(new MethodCall(request, target, method))
  return (target[name] as Target[string])(request)
}

/** `init`, the check of the input, the method and `shut`: once `init` was called, `shut` is too. */
class MethodCall implements Sequence {
  readonly #request: Request
  readonly #core: RequestCore
  readonly #target: Target
  readonly #method: WrittenMethod
  #failure: { readonly thrown: unknown } | undefined = undefined

  constructor(request: Request, target: Target, method: WrittenMethod) {
    this.#request = request
    this.#core = coreOf(request)
    this.#target = target
    this.#method = method
  }

  run(step: number): unknown {
    const { name, hasInit, hasShut, declared } = this.#method
    if (step === 0) return hasInit ? this.#target['init']?.(this.#request) : undefined
    if (step === 1)
      return declared === undefined || this.#core.isExited ? undefined : readInput(declared, this.#core, () => {})
    if (step === 2) return this.#core.isExited ? undefined : this.#write(this.#target[name]?.(this.#request))
    if (step === 3) return hasShut ? this.#target['shut']?.(this.#request) : undefined
    if (this.#failure !== undefined) throw this.#failure.thrown
    return done
  }

  failed(step: number, thrown: unknown): number {
    if (step === 4) throw thrown
    // The first failure is what happened; a second one would hide it.
    if (this.#failure === undefined || this.#failure.thrown instanceof Exit) this.#failure = { thrown }
    else if (!(thrown instanceof Exit)) reportFailure(this.#core, thrown, `shut of ${this.#method.name} failed`)
    return step === 3 ? 4 : 3
  }

  #write(result: unknown): unknown {
    const core = this.#core
    const write = this.#method.write ?? writePlain
    return isPromise(result) ? Promise.resolve(result).then((value) => write(core, value)) : write(core, result)
  }
}

const writePlain: WriteResult = ({ response }, result) => response.writeResult(result)
