import { AsyncLocalStorage } from 'node:async_hooks'

interface HookRun {
  readonly owner: object
  /** The run that it was started in. */
  readonly outer: HookRun | undefined
  isOver: boolean
}

const runs = new AsyncLocalStorage<HookRun>()
let running = 0

/** Runs a hook of an owner. For all calls in it, at any depth, `isInsideHookOf` returns true. */
export async function runHookOf(owner: object, hook: () => unknown): Promise<void> {
  const run = { owner, outer: currentRun(), isOver: false }
  running++
  try {
    await runs.run(run, async () => hook())
  } finally {
    run.isOver = true
    // Tracking promises takes time, which requests must not spend.
    if (--running === 0) runs.disable()
  }
}

/** Returns whether the current call is within a hook of this owner that hasn't ended yet. */
export function isInsideHookOf(owner: object): boolean {
  for (let run = currentRun(); run !== undefined; run = run.outer) {
    if (run.owner === owner && !run.isOver) return true
  }
  return false
}

/** Returns the innermost run that isn't over, since what is over must not be kept. */
function currentRun(): HookRun | undefined {
  let run = runs.getStore()
  while (run?.isOver === true) run = run.outer
  return run
}
