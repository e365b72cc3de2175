import { STATUS_CODES } from 'node:http'
import { HttpError } from '../base/http-error.ts'
import { done, isPromise, runInTurn, type Sequence } from '../base/in-turn.ts'
import { isLastInPipeline } from '../connection/queued-responses.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { ResponseCore } from '../http/response-core.ts'
import type { Event } from './event.ts'
import type { Exchange, FailureState, Interceptor, Plan, Step, Unserved } from './exchange.ts'
import { giveUp, handleFailure, mapFailure } from './handle-failure.ts'
import { runHook, runStatusHandlers } from './hooks.ts'
import { runEndpoint, runMiddleware } from './middleware.ts'

/**
 * The pipeline of every request, from where dispatcher.ts has found what serves it to the end of its output. The events
 * `BeforeClose` and `AfterClose` come after it: see close.ts.
 */
const pipeline: readonly Stage[] = [
  { runs: ({ hasSessions }) => (hasSessions ? [loadSession] : []) },
  hooksOf('BeforeServe'),
  { runs: ({ middleware }) => [middleware.length > 0 ? runMiddleware : runEndpoint], isService: true },
  { runs: () => [endService], isEssential: true },
  hooksOf('AfterServe'),
  { runs: () => [decideStatus], isEssential: true, isRepeatable: true },
  { runs: ({ statusHandlers }) => (statusHandlers.size > 0 ? [runStatusHandlers] : []), isRepeatable: true },
  hooksOf('BeforePatch'),
  { runs: () => [pack], isEssential: true, isRepeatable: true },
  hooksOf('AfterPatch'),
  hooksOf('BeforeOutput'),
  { runs: () => [output], isEssential: true, isRepeatable: true },
  hooksOf('AfterOutput'),
]

/** What the steps of a plan are chosen by. */
export interface PlanParts extends Pick<Plan, 'middleware' | 'statusHandlers'> {
  readonly hooks: Readonly<Partial<Record<Event, readonly Interceptor[]>>>
  /** Whether requests may bring sessions. */
  readonly hasSessions: boolean
}

/** A place in the pipeline. */
interface Stage {
  /** What is done there under a plan: an event without a hook costs its requests nothing. */
  readonly runs: (parts: PlanParts) => readonly Step['run'][]
  readonly isService?: boolean
  readonly isEssential?: boolean
  readonly isRepeatable?: boolean
}

/** The steps that have something to do under a plan. */
export function chooseSteps(parts: PlanParts): readonly Step[] {
  const service = pipeline.findIndex(({ isService }) => isService)
  return pipeline.flatMap(({ runs, isEssential = false, isRepeatable = false }, place) => {
    const resumeAt = Math.max(place, service) + 1
    return runs(parts).map((run) => ({ run, place, resumeAt, isEssential, isRepeatable }))
  })
}

/** Runs the pipeline of one request. Stays synchronous until a step returns a promise; it never fails. */
export function runPipeline(exchange: PipelineRun): void | Promise<void> {
  return runInTurn(exchange)
}

/** One request on its way through the steps of its plan. */
export class PipelineRun implements Exchange, Sequence {
  readonly core: RequestCore
  readonly response: ResponseCore
  readonly plan: Plan
  stoppedBy: Interceptor | undefined = undefined
  failure: FailureState | undefined = undefined
  restore: (() => void) | undefined = undefined
  readonly #unserved: Unserved

  constructor(core: RequestCore, plan: Plan, unserved: Unserved) {
    this.core = core
    this.response = core.response
    this.plan = plan
    this.#unserved = unserved
  }

  run(index: number): unknown {
    const step = this.plan.steps[index]
    if (step === undefined) return done
    if (!this.#isTaken(step)) return undefined
    const result = step.run(this)
    // Of a hook, anything may come back.
    return result !== undefined && isPromise(result) ? result : this.response.pending
  }

  /** What a step has begun without waiting for it, such as the opening of a file. */
  get pending(): Promise<void> | undefined {
    return this.response.pending
  }

  failed(index: number, thrown: unknown): number {
    try {
      return handleFailure(this, index, thrown)
    } catch (error) {
      return giveUp(this, error)
    }
  }

  /** The status of a response that nothing was done to. */
  get unansweredStatus(): number {
    if (this.plan.endpoint === undefined) return this.#unserved.statusOf(this.core)
    return this.stoppedBy === undefined ? 200 : 404
  }

  decideStatus(): void {
    decideStatus(this)
  }

  allowedMethods(): readonly string[] {
    return this.#unserved.allowedMethods(this.core)
  }

  /** After `exitAll` the essential steps run, after a failure those that repeat and those that follow what failed. */
  #isTaken({ place, isEssential, isRepeatable }: Step): boolean {
    if (this.core.isExited && !isEssential) return false
    return this.failure === undefined || isRepeatable || place >= this.failure.resumeAt
  }
}

function loadSession({ core }: Exchange): void | Promise<void> {
  return core.loadSession()
}

function hooksOf(event: Event): Stage {
  return { runs: ({ hooks }) => (hooks[event] ?? []).map((hook) => (exchange) => runHook(exchange, hook)) }
}

/** From here on, the default status is known. */
function endService(exchange: Exchange): void {
  exchange.response.served = exchange
  exchange.core.events?.served()
}

function decideStatus(exchange: Exchange): void {
  const { response, plan, stoppedBy } = exchange
  if (response.status !== 0) return
  const isServed = plan.endpoint !== undefined && stoppedBy === undefined
  const status = isServed ? 200 : response.effectiveStatus
  if (status === 200) response.status = 200
  else answerUnserved(exchange, status)
}

function answerUnserved(exchange: Exchange, status: number): void {
  const { core, response, plan, stoppedBy } = exchange
  response.fail(status, STATUS_CODES[status] as string)
  // RFC 9110, section 15.5.6: a 405 names the methods there are.
  if (status === 405) response.setHeader('Allow', exchange.allowedMethods().join(', '))
  if (status === 426) {
    // RFC 9110, section 15.5.22: a 426 names the protocol to go over to.
    response.setHeader('Upgrade', 'websocket')
    response.setHeader('Connection', response.raw.shouldKeepAlive ? 'Upgrade' : 'Upgrade, close')
  }
  if (plan.endpoint !== undefined && stoppedBy !== undefined) warnOfStop(core, stoppedBy)
  if (status >= 400 && plan.errorMappers.length > 0)
    mapFailure(exchange, new HttpError(status, undefined, { failure: 'ERR_TRIBIND_UNSERVED' }))
}

/** The service was there, but the middleware around it neither went on to it nor answered. */
function warnOfStop(core: RequestCore, middleware: Interceptor): void {
  const name = `middleware "${middleware.name}" (${String(middleware.origin)})`
  core.log('warn', `${name} ended without next() and without an answer: ${core.logName} is 404`, { route: core.route })
}

function pack({ core, response }: Exchange): void | Promise<void> {
  const saved = core.session?.commit()
  if (saved !== undefined) return saved.then(() => response.pack())
  if (core.cookies !== undefined) response.pack()
}

function output(exchange: Exchange): void | Promise<void> {
  const { core, response } = exchange
  // A response that says so ends the connection, with all that were to follow it.
  if (core.settings.traffic.isDraining && isLastInPipeline(core.raw, response.raw)) response.raw.shouldKeepAlive = false
  const packed = pack(exchange)
  return packed === undefined ? response.send() : packed.then(() => response.send())
}
