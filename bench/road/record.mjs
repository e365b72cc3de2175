// What functions of lib are entered while something runs.

import { setTimeout } from 'node:timers/promises'

/** How long no function must be entered until a request counts as over, in milliseconds. */
const QUIET = 50

let entries = []
globalThis.reportEntry = (file, name) => void entries.push({ file, name })

/** Runs an action when nothing of lib runs any more; returns the functions entered, up to when nothing runs again. */
export async function record(action) {
  await untilQuiet()
  entries = []
  await action()
  await untilQuiet()
  const recorded = entries
  entries = []
  return recorded
}

async function untilQuiet() {
  let seen
  do {
    seen = entries.length
    await setTimeout(QUIET)
  } while (entries.length > seen)
}

/** Returns the entries as a walk: for each stay in a file the functions that were entered there. */
export function toWalk(entries) {
  const walk = []
  for (const { file, name } of entries) {
    if (walk.at(-1)?.file !== file) walk.push({ file, names: [] })
    walk.at(-1).names.push(name)
  }
  return walk
}
