import { Exit } from '../base/exit.ts'
import { isPromise } from '../base/is-promise.ts'
import type { Request, ParamsReader } from '../http/request.ts'
import type { Interceptor } from './exchange.ts'

const noNext = () => Promise.resolve()

/** Runs hooks one after another; a promise only from the first that gives one. */
export function runHooks(request: Request, hooks: readonly Interceptor[]): void | Promise<void> {
  for (let i = 0; i < hooks.length; i++) {
    try {
      const pending = runHook(request, hooks[i] as Interceptor)
      if (isPromise(pending)) return runHooksAsync(request, hooks, i, pending)
    } catch (thrown) {
      if (endsEvent(thrown)) return
    }
    if (request.isExited()) return
  }
}

async function runHooksAsync(
  request: Request,
  hooks: readonly Interceptor[],
  at: number,
  pending: PromiseLike<unknown>,
): Promise<void> {
  try {
    await pending
  } catch (thrown) {
    if (endsEvent(thrown)) return
  }
  if (!request.isExited()) await runHooks(request, hooks.slice(at + 1))
}

/** Runs one hook, with parameters of its own where it has such. */
export function runHook(request: Request, hook: Interceptor): unknown {
  return hook.reader === undefined ? hook.run(request, noNext) : runWithParams(request, hook.reader, hook)
}

function runWithParams(request: Request, reader: ParamsReader, hook: Interceptor): unknown {
  const before = request.readParamsWith(reader)
  let isPending = false
  try {
    const pending = hook.run(request, noNext)
    if (!isPromise(pending)) return
    isPending = true
    return Promise.resolve(pending).finally(() => request.readParamsWith(before))
  } finally {
    if (!isPending) request.readParamsWith(before)
  }
}

/** Whether what a hook threw ends its event; what is no exit goes on its way. */
function endsEvent(thrown: unknown): boolean {
  if (!(thrown instanceof Exit) || thrown.reach === 'request') throw thrown
  return thrown.reach === 'event'
}
