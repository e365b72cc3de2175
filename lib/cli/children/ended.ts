import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

/** How a process has ended. */
export interface Ended {
  readonly code: number
  readonly signal?: NodeJS.Signals | undefined
  /** Goes on a sentence that begins with its name. */
  readonly how: string
}

/** Resolves when a process has ended, or could not be started. */
export function whenEnded(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ code: code as number, how: `ended with exit code ${code}` })
      else resolve({ code: 128 + constants.signals[signal], signal, how: `was ended by ${signal}` })
    })
    // Later errors are of messages that can't be sent any more.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(describeStart(error))
    })
  })
}

/** Returns how a process ended that the system had no room for. */
export function describeStart({ message }: Error): Ended {
  return { code: 1, how: `could not be started: ${message}` }
}
