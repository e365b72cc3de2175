// What a process has used, whatever program it is.

import { readdirSync, readFileSync } from 'node:fs'

/** Returns the processor time of all threads of a process, in microseconds, kernel included. */
export function processorMicros(pid) {
  const folder = `/proc/${pid}/task`
  const nanoseconds = readdirSync(folder).map((thread) =>
    Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1000
}

/** Returns the most memory that a process has had so far, in bytes. */
export function peakRss(pid) {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
}
