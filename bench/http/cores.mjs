// Pins processes to a core each, so that the load never takes time from the server it measures.

import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export const serverCore = 0
export const loadCore = 1

/** The reason why processes can't be pinned here; `undefined` where they can. */
export function whyNotPinned() {
  if (availableParallelism() < 2) return 'this machine gives one core only'
  for (const core of [serverCore, loadCore]) {
    const { error, status } = spawnSync('taskset', ['-c', String(core), 'true'])
    if (error) return 'there is no `taskset` (it is in util-linux)'
    if (status !== 0) return `\`taskset\` can't use core ${core}`
  }
  return undefined
}

/** The command and arguments that run Node.js with `args`, on `core` unless it is `undefined`. */
export function createNodeCommand(core, args) {
  const node = [process.execPath, ...args]
  return core === undefined ? node : ['taskset', '-c', String(core), ...node]
}
