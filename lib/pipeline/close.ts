import { isExit } from '../base/exit.ts'
import { isPromise } from '../base/in-turn.ts'
import type { Tasks } from '../base/tasks.ts'
import { within } from '../base/within.ts'
import { isClosed } from '../connection/queued-responses.ts'
import { watchFinish } from '../connection/watch-finish.ts'
import { reportFailure } from '../observe/report-failure.ts'
import type { Exchange, Interceptor } from './exchange.ts'
import { runHook } from './hooks.ts'

/** How long the close events wait, when the client has left before its response, for what still runs for it. */
const GRACE_MS = 1000

/**
 * Runs the close events and releases what the request holds between them, once each: when the response is finished, or
 * when the connection is gone and what still ran for the request has ended or had its grace.
 *
 * @param running what still runs for it; must not reject
 * @param closing where the close events are counted
 * @returns a promise of the end of both; it never rejects
 */
export async function closeAtEnd(exchange: Exchange, running: void | Promise<void>, closing: Tasks): Promise<void> {
  const isFinished = await whenClosed(exchange)
  const closes = close(exchange, running)
  closing.add(closes)
  await closes
  exchange.core.events?.closed(isFinished)
}

async function close(exchange: Exchange, running: void | Promise<void>): Promise<void> {
  const { beforeClose, afterClose } = exchange.plan
  await whatStillRuns(exchange, running, exchange.response.alongside)
  await runCloseHooks(exchange, 'BeforeClose', beforeClose)
  await releaseAll(exchange)
  await runCloseHooks(exchange, 'AfterClose', afterClose)
}

/** Releases what a request without close events holds, once it is over; most hold nothing. */
export function release(exchange: Exchange): Promise<void> {
  return whenClosed(exchange)
    .then(() => whatStillRuns(exchange, exchange.response.alongside))
    .then(() => releaseAll(exchange))
}

async function releaseAll({ core }: Exchange): Promise<void> {
  for (const giveBack of core.takeReleases()) {
    try {
      await giveBack()
    } catch (error) {
      reportFailure(core, error, 'What a request held could not be released')
    }
  }
}

/** Resolves when the response is closed, to whether it was finished by then: later, it says so without its connection too. */
function whenClosed({ response: { raw } }: Exchange): Promise<boolean> {
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
  return raw.writableFinished ? ended : within(GRACE_MS, ended)
}

/** Runs the hooks of a close event; one that fails keeps none of the others from its work. */
async function runCloseHooks(exchange: Exchange, event: string, hooks: readonly Interceptor[]): Promise<void> {
  for (const hook of hooks) {
    try {
      await runHook(exchange, hook)
    } catch (thrown) {
      if (!isExit(thrown)) reportFailure(exchange.core, thrown, `A hook of ${event} failed`)
      else if (thrown.reach !== 'function') return
    }
  }
}
