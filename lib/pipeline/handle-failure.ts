import { STATUS_CODES } from 'node:http'
import { Exit } from '../base/exit.ts'
import { type HttpError, toHttpError } from '../base/http-error.ts'
import { isPromise } from '../base/in-turn.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { Request } from '../http/request.ts'
import { tellIssues } from '../http/tell-issues.ts'
import { ValidationError } from '../http/validation-error.ts'
import type { Exchange, FailureState, MapError, MappedError, Plan, Step } from './exchange.ts'

const MAX_FAILURES = 20

/**
 * Turns what a step threw into the response, unless it is an exit.
 *
 * @returns the index of the next step
 */
export function handleFailure(exchange: Exchange, at: number, thrown: unknown): number {
  const { core, response, plan } = exchange
  const step = plan.steps[at] as Step
  if (thrown instanceof Exit) return leaveStep(exchange, at, thrown)
  const asHttp = toHttpError(thrown)
  core.log(asHttp !== undefined && asHttp.status < 500 ? 'debug' : 'error', `${core.logName} failed`, { error: thrown })
  const isLeft = core.isExited && !step.isEssential
  const isAnswer = !isLeft && !response.sent && (exchange.failure?.count ?? 0) < MAX_FAILURES
  core.events?.failed(thrown, isAnswer)
  if (isLeft) return at + 1
  if (response.sent) {
    // Too late for another response; the client is to see that this one is cut short.
    if (!response.isComplete) response.raw.destroy()
    return afterPlace(plan, at)
  }
  if (!isAnswer) {
    response.raw.destroy()
    return plan.steps.length
  }
  answer(core, thrown, asHttp)
  if (plan.errorMappers.length > 0) mapFailure(exchange, thrown)
  noteFailure(exchange, step)
  return Math.min(
    at + 1,
    plan.steps.findIndex(({ isRepeatable }) => isRepeatable),
  )
}

/** Makes what was thrown the response, and tells of it, as the pipeline does: for middleware that goes on with that response. */
export function answerThrown(core: RequestCore, thrown: unknown): void {
  const asHttp = toHttpError(thrown)
  core.log(asHttp !== undefined && asHttp.status < 500 ? 'debug' : 'error', `${core.logName} failed`, { error: thrown })
  core.events?.failed(thrown, true)
  answer(core, thrown, asHttp)
}

/** For a failure that can't be handled: destroys the connection, and never throws. */
export function giveUp({ core, plan }: Exchange, error: unknown): number {
  for (const act of [
    () => core.response.raw.destroy(),
    () => core.raw.socket.destroy(),
    () => core.settings.logger.error('A failure could not be handled: its connection is destroyed', { error }),
  ]) {
    try {
      act()
    } catch {
      // What the application has put in place of these may throw again.
    }
  }
  return plan.steps.length
}

function leaveStep(exchange: Exchange, at: number, { reach }: Exit): number {
  exchange.restore?.()
  exchange.restore = undefined
  return reach === 'event' ? afterPlace(exchange.plan, at) : at + 1
}

/** Returns the index of the first step of the next place: a hook that fails or says so keeps its event from the rest. */
function afterPlace({ steps }: Plan, at: number): number {
  const place = (steps[at] as Step).place
  let next = at + 1
  while (steps[next]?.place === place) next++
  return next
}

function answer(core: RequestCore, thrown: unknown, asHttp: HttpError | undefined): void {
  const { response } = core
  core.session?.reopen()
  const told = tellIn(core, asHttp)
  const { status = 500, message, headers = {} } = told ?? {}
  response.fail(status, message ?? (STATUS_CODES[500] as string), told instanceof ValidationError ? told : thrown)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}

/**
 * Puts what functions of `mapErrors` return in place of the answer to an error. The next step waits for one that is async. What fails in
 * them is logged, and the answer stays.
 */
export function mapFailure({ core, response, plan }: Exchange, thrown: unknown): void {
  const fail = (error: unknown) => core.log('error', `mapErrors failed for ${core.logName}`, { error })
  try {
    const mapping = mapAnswer(core, thrown, plan.errorMappers)
    if (mapping === undefined) return
    const pending = mapping.catch(fail).finally(() => {
      if (response.pending === pending) response.pending = undefined
    })
    response.pending = pending
  } catch (error) {
    fail(error)
  }
}

function mapAnswer(core: RequestCore, thrown: unknown, mappers: readonly MapError[]): void | Promise<void> {
  const [map, ...others] = mappers
  const { response } = core
  const take = (answered: MappedError | undefined) => {
    if (answered === undefined) return mapAnswer(core, thrown, others)
    response.setStatus(answered.status ?? response.status)
    response.write(answered.value)
  }
  const answered = map?.(thrown, core.face as Request)
  if (isPromise(answered)) return Promise.resolve(answered).then(take)
  return map === undefined ? undefined : take(answered)
}

/** Returns the error in the language of the request, where it is one that lines may tell. */
function tellIn(core: RequestCore, error: HttpError | undefined): HttpError | undefined {
  if (core.settings.languages === undefined || !(error instanceof ValidationError)) return error
  try {
    return new ValidationError(tellIssues(error.issues, core))
  } catch (cause) {
    core.log('error', 'The message of a ValidationError could not be told in the language of the request', {
      error: cause,
    })
    return error
  }
}

/** What is known of the failures of a request, which is about to have one more. */
export function failureOf(exchange: Exchange): FailureState {
  return (exchange.failure ??= { resumeAt: 0, count: 0, statuses: new Set() })
}

function noteFailure(exchange: Exchange, { resumeAt }: Step): void {
  const failure = failureOf(exchange)
  failure.count++
  failure.resumeAt = Math.max(failure.resumeAt, resumeAt)
}
