import { isPromise } from '../base/is-promise.ts'
import type { Exchange } from './exchange.ts'
import { runHooks } from './run-hooks.ts'

/** How long the close events wait, once the client is gone, for what still runs for it. */
const GRACE_MS = 1000

/** Whether hooks wait for the end of a request. */
export function hasCloseHooks({ plan }: Exchange): boolean {
  return plan.hooks.BeforeClose !== undefined || plan.hooks.AfterClose !== undefined
}

/**
 * Runs `BeforeClose` and `AfterClose` once: when the response is finished, or when the connection is gone and what
 * still ran for the request has ended or had its grace.
 *
 * @returns a promise of the end of both; it never rejects
 */
export function closeAtEnd(exchange: Exchange, travelled: void | Promise<void>): Promise<void> {
  return closed(exchange)
    .then(() => withinGrace(travelled, exchange.response.alongside))
    .then(() => runCloseHooks(exchange))
    .then(() => releaseAll(exchange))
}

/** Gives back what a request without close hooks holds, once it is over; most hold nothing. */
export function release(exchange: Exchange): Promise<void> | undefined {
  if (exchange.request.holdsNothing && exchange.response.alongside === undefined) return undefined
  return closed(exchange)
    .then(() => withinGrace(exchange.response.alongside))
    .then(() => releaseAll(exchange))
}

async function releaseAll({ request, server }: Exchange): Promise<void> {
  for (const giveBack of request.takeReleases()) {
    try {
      await giveBack()
    } catch (error) {
      server.logger.error('What a request held could not be given back', { error, requestId: request.id })
    }
  }
}

function closed({ response: { raw } }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    if (raw.closed) resolve()
    else raw.once('close', resolve)
  })
}

function withinGrace(...running: readonly (void | Promise<void>)[]): Promise<unknown> | undefined {
  if (!running.some(isPromise)) return undefined
  let timer: NodeJS.Timeout
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GRACE_MS)
  })
  return Promise.race([Promise.all(running.map((one) => Promise.resolve(one))), grace]).finally(() =>
    clearTimeout(timer),
  )
}

async function runCloseHooks({ request, plan, server }: Exchange): Promise<void> {
  for (const event of ['BeforeClose', 'AfterClose'] as const) {
    // One at a time, so that a hook that fails keeps none of the others from its work.
    for (const hook of plan.hooks[event] ?? []) {
      try {
        await runHooks(request, [hook])
      } catch (error) {
        server.logger.error(`A hook of ${event} failed`, { error, requestId: request.id })
      }
    }
  }
}
