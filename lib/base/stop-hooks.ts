/** What is to be done when an object, a server for instance, has stopped. */
const hooks = new WeakMap<object, Set<() => unknown>>()

/** Calls a function once when an owner has stopped. Returns a function that takes it back. */
export function onStop(owner: object, run: () => unknown): () => void {
  const all = hooks.get(owner) ?? new Set()
  hooks.set(owner, all)
  all.add(run)
  return () => void all.delete(run)
}

/** Calls what was registered with `onStop`, and waits for it. None of it may fail. */
export async function runStopHooks(owner: object): Promise<void> {
  const all = hooks.get(owner)
  hooks.delete(owner)
  for (const run of all ?? []) await run()
}
