// How many bytes a request of each scenario allocates: counted by count-allocated-bytes.mjs, in a process of its own.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// No collection falls into a batch of requests, and V8 optimizes after so many calls, not when it finds the time:
// without either, the same code gives other figures on a busy machine.
const flags = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128', '--no-concurrent-recompilation']

/** Bytes per request, by scenario. */
export function measureAllocatedBytes() {
  const program = fileURLToPath(new URL('count-allocated-bytes.mjs', import.meta.url))
  const { error, status, stdout } = spawnSync(process.execPath, [...flags, program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} failed`)
  return JSON.parse(stdout)
}
