import { STATUS_CODES } from 'node:http'
import { Exit } from '../base/exit.ts'
import { HttpError } from '../base/http-error.ts'
import { isPromise } from '../base/is-promise.ts'
import { printablePath } from '../net/printable-path.ts'
import { publishError, publishServed } from '../observe/diagnostics.ts'
import type { Event } from './event.ts'
import type { Detour, Exchange, Plan, Step } from './exchange.ts'
import { isLastInPipeline } from '../connection/queued-responses.ts'
import { runHooks } from './run-hooks.ts'
import { serve } from './serve.ts'

/**
 * The road of every request, from where dispatcher.ts has taken it off its socket and found who serves it. The events of
 * its end, `BeforeClose` and `AfterClose`, lie off it: see close.ts.
 */
const road: readonly Step[] = [
  { run: loadSession, isNeeded: (plan: PlanParts) => plan.hasSessions },
  hooksOf('BeforeServe'),
  { run: serve },
  { run: publishServed, isEssential: true },
  hooksOf('AfterServe'),
  { run: decideStatus, isEssential: true, isRepeatable: true },
  { run: runStatusHandlers, isRepeatable: true, isNeeded: (plan: PlanParts) => plan.statusHandlers.size > 0 },
  hooksOf('BeforePatch'),
  { run: pack, isEssential: true, isRepeatable: true },
  hooksOf('AfterPatch'),
  hooksOf('BeforeOutput'),
  { run: output, isEssential: true, isRepeatable: true },
  hooksOf('AfterOutput'),
].map((step: StepParts, place) => ({ isEssential: false, isRepeatable: false, isNeeded: () => true, ...step, place }))

type PlanParts = Omit<Plan, 'steps'>
type StepParts = Partial<Step> & Pick<Step, 'run'>

/** The steps that have something to do under a plan: an event without a hook costs its requests nothing. */
export function chooseSteps(plan: PlanParts): readonly Step[] {
  return road.filter((step) => step.isNeeded(plan))
}

/**
 * Takes a request along its road; a promise only from the first step that gives one.
 *
 * It never fails: what a step throws becomes the response.
 */
export function travel(exchange: Exchange, from = 0): void | Promise<void> {
  const { steps } = exchange.plan
  let at = from
  while (at < steps.length) {
    const step = steps[at] as Step
    // A file that the step before has begun to serve.
    const begun = exchange.response.pending
    if (begun !== undefined) return travelAfter(exchange, at - 1, begun)
    try {
      const pending = isTaken(exchange, step) ? step.run(exchange) : undefined
      if (isPromise(pending)) return travelAfter(exchange, at, pending)
      at++
    } catch (thrown) {
      at = divert(exchange, at, thrown)
    }
  }
}

async function travelAfter(exchange: Exchange, at: number, pending: PromiseLike<unknown>): Promise<void> {
  let next = at + 1
  try {
    await pending
  } catch (thrown) {
    next = divert(exchange, at, thrown)
  }
  return travel(exchange, next)
}

function hooksOf(event: Event): StepParts {
  return {
    run: ({ request, plan }) => runHooks(request, plan.hooks[event] ?? []),
    isNeeded: (plan) => plan.hooks[event] !== undefined,
  }
}

function decideStatus(exchange: Exchange): void {
  const { response, plan } = exchange
  if (response.status !== 0) return
  if (plan.served === undefined && response.isUntouched) failUnserved(exchange)
  else response.status = 200
}

function failUnserved({ response, allowedMethods, needsUpgrade }: Exchange): void {
  if (needsUpgrade?.()) {
    // RFC 9110, section 15.5.22: a 426 names the protocol to go over to.
    response.fail(426, STATUS_CODES[426] as string)
    response.setHeader('Upgrade', 'websocket')
    response.setHeader('Connection', response.raw.shouldKeepAlive ? 'Upgrade' : 'Upgrade, close')
    return
  }
  const methods = allowedMethods?.() ?? []
  const status = methods.length > 0 ? 405 : 404
  response.fail(status, STATUS_CODES[status] as string)
  // RFC 9110, section 15.5.6: a 405 names the methods there are.
  if (status === 405) response.setHeader('Allow', methods.join(', '))
}

function runStatusHandlers({ request, response, plan, detour }: Exchange): void | Promise<void> {
  const handlers = plan.statusHandlers.get(response.status)
  if (handlers !== undefined && !detour?.failedStatuses.has(response.status)) return runHooks(request, handlers)
}

function loadSession({ request }: Exchange): void | Promise<void> {
  return request.loadSession()
}

function pack({ request, response }: Exchange): void | Promise<void> {
  const saved = request.heldSession?.commit()
  if (saved !== undefined) return saved.then(() => response.pack())
  response.pack()
}

function output({ request, response }: Exchange): void | Promise<void> {
  // A response that says so ends the connection, with all that were to follow it.
  if (request.settings.isDraining() && isLastInPipeline(request.raw, response.raw)) response.raw.shouldKeepAlive = false
  return response.send()
}

function isTaken({ request, detour }: Exchange, step: Step): boolean {
  if (request.isExited() && !step.isEssential) return false
  return detour === undefined || step.place >= detour.resumeAt || step.isRepeatable
}

const MAX_FAILURES = 20
const SERVICE = road.findIndex((step) => step.run === serve)

/** Makes what a step threw the response, unless it is an exit; gives the index of the step that is next. */
function divert(exchange: Exchange, at: number, thrown: unknown): number {
  const { request, response, plan } = exchange
  const step = plan.steps[at] as Step
  if (thrown instanceof Exit) {
    exchange.restore?.()
    exchange.restore = undefined
    return at + 1
  }
  report(exchange, thrown)
  const isLeft = request.isExited() && !step.isEssential
  publishError(request, thrown, !isLeft && !response.sent && (exchange.detour?.failures ?? 0) < MAX_FAILURES)
  if (isLeft) return at + 1
  if (response.sent) {
    // Too late for another answer; the client is to see that this one is cut short.
    if (!response.isComplete) response.raw.destroy()
    return at + 1
  }
  if (takeDetour(exchange, step).failures > MAX_FAILURES) {
    response.raw.destroy()
    return plan.steps.length
  }
  request.heldSession?.reopen()
  const isForClient = thrown instanceof HttpError
  response.fail(isForClient ? thrown.status : 500, isForClient ? thrown.message : (STATUS_CODES[500] as string))
  return Math.min(
    at + 1,
    plan.steps.findIndex((other) => other.isRepeatable),
  )
}

/** Notes that a step failed; gives what is known of all that did. */
function takeDetour(exchange: Exchange, { place, run }: Step): Detour {
  const detour = (exchange.detour ??= { resumeAt: 0, failures: 0, failedStatuses: new Set() })
  detour.failures++
  // Nothing is served to a request that couldn't be prepared.
  detour.resumeAt = Math.max(detour.resumeAt, place + 1, SERVICE + 1)
  if (run === runStatusHandlers) detour.failedStatuses.add(exchange.response.status)
  return detour
}

function report({ request, server }: Exchange, error: unknown): void {
  const level = error instanceof HttpError && error.status < 500 ? 'debug' : 'error'
  server.logger[level](`${request.method} ${printablePath(request.rawPath)} failed`, { error, requestId: request.id })
}
