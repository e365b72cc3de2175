import { AsyncLocalStorage } from 'node:async_hooks'

interface HookRun {
  readonly owner: object
  isOver: boolean
}

const runs = new AsyncLocalStorage<HookRun>()
let running = 0

/** Runs a hook of an owner; what is called in it, at any depth, finds itself inside. */
export async function runHookOf(owner: object, hook: () => unknown): Promise<void> {
  const run = { owner, isOver: false }
  running++
  try {
    await runs.run(run, async () => hook())
  } finally {
    run.isOver = true
    // Following every promise has its price; requests are not to pay it.
    if (--running === 0) runs.disable()
  }
}

/** Whether a hook of this owner waits for what is called now: no longer so for what it has left running. */
export function isInsideHookOf(owner: object): boolean {
  const run = runs.getStore()
  return run?.owner === owner && !run.isOver
}
