import { Exit } from '../base/exit.ts'
import { isPromise } from '../base/is-promise.ts'
import type { Tasks } from '../base/tasks.ts'
import { within } from '../base/within.ts'
import { publishClose } from '../observe/diagnostics.ts'
import type { Exchange, Plan } from './exchange.ts'
import { isClosed } from '../connection/queued-responses.ts'
import { reportFailure } from '../observe/report-failure.ts'
import { runHook } from './run-hooks.ts'
import { watchFinish } from '../connection/watch-finish.ts'

/** How long the close events wait, when the client has gone before its response, for what still runs for it. */
const GRACE_MS = 1000

/** Whether hooks wait for the end of a request. */
export function hasCloseHooks({ hooks }: Plan): boolean {
  return hooks.BeforeClose !== undefined || hooks.AfterClose !== undefined
}

/**
 * Runs `BeforeClose` and `AfterClose` once: when the response is finished, or when the connection is gone and what
 * still ran for the request has ended or had its grace.
 *
 * @returns a promise of the end of both; it never rejects
 */
export async function closeAtEnd(exchange: Exchange, travelled: void | Promise<void>, closing: Tasks): Promise<void> {
  const isFinished = await closed(exchange)
  const closes = close(exchange, travelled)
  closing.add(closes)
  await closes
  publishClose(exchange.request, isFinished)
}

async function close(exchange: Exchange, travelled: void | Promise<void>): Promise<void> {
  await whatStillRuns(exchange, travelled, exchange.response.alongside)
  await runCloseHooks(exchange)
  await releaseAll(exchange)
}

/** Gives back what a request whose end nobody awaits holds, once it is over; most hold nothing. */
export function release(exchange: Exchange): Promise<void> | undefined {
  if (exchange.request.holdsNothing && exchange.response.alongside === undefined) return undefined
  return closed(exchange)
    .then(() => whatStillRuns(exchange, exchange.response.alongside))
    .then(() => releaseAll(exchange))
}

async function releaseAll({ request }: Exchange): Promise<void> {
  for (const giveBack of request.takeReleases()) {
    try {
      await giveBack()
    } catch (error) {
      reportFailure(request, error, 'What a request held could not be given back')
    }
  }
}

/** Whether the response was finished by then: later, one that ends without its connection says so too. */
function closed({ response: { raw } }: Exchange): Promise<boolean> {
  return new Promise((resolve) => {
    if (isClosed(raw)) return resolve(false)
    const hasFinished = watchFinish(raw)
    raw.once('close', () => resolve(hasFinished()))
  })
}

function whatStillRuns(
  { response: { raw } }: Exchange,
  ...running: readonly (void | Promise<void>)[]
): Promise<unknown> | undefined {
  if (!running.some(isPromise)) return undefined
  const ended = Promise.all(running.map((one) => Promise.resolve(one)))
  if (raw.writableFinished) return ended
  return within(GRACE_MS, ended)
}

async function runCloseHooks(exchange: Exchange): Promise<void> {
  await runCloseEvent(exchange, 'BeforeClose')
  await runCloseEvent(exchange, 'AfterClose')
}

/** A hook that fails keeps none of the others from its work. */
async function runCloseEvent({ request, plan }: Exchange, event: 'BeforeClose' | 'AfterClose'): Promise<void> {
  for (const hook of plan.hooks[event] ?? []) {
    try {
      await runHook(request, hook)
    } catch (thrown) {
      if (!(thrown instanceof Exit)) {
        reportFailure(request, thrown, `A hook of ${event} failed`)
      } else if (thrown.reach !== 'function') return
    }
  }
}
