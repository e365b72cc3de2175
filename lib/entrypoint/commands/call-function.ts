import { within } from '../../base/within.ts'
import { printValue } from '../../options/print-value.ts'
import { type CommandFailure, waitFor } from './command-failure.ts'
import { GRACE_MS } from './process-group.ts'

/** Calls a function and awaits it. Returns how it failed; one that takes too long can't be ended and is no longer waited for. */
export async function callFunction(
  call: () => unknown,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandFailure | undefined> {
  let thrown: CommandFailure | undefined
  const ended = (async () => call())().catch((cause: unknown) => {
    const problem = `threw: ${cause instanceof Error ? cause.message : printValue(cause)}`
    thrown = { failure: 'ERR_TRIBIND_COMMAND_THREW', problem, cause }
  })
  const failure = await waitFor(ended, timeoutMs, signal)
  if (signal.aborted) await within(GRACE_MS, ended)
  return failure ?? thrown
}
