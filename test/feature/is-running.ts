import { readFileSync } from 'node:fs'

/** Whether a process runs; one that has ended doesn't, though its parent may not have waited for it yet. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat[stat.lastIndexOf(')') + 2] !== 'Z'
}
