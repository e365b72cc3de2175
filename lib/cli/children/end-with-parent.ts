import cluster from 'node:cluster'
import { leaveEndToParent } from '../../kit.ts'
import { type ChildMessage, childVariable, DEFAULT_STOP_MS, GRACE_MS } from './child-message.ts'

let bound: BoundedEnd | undefined

/**
 * Makes a process that `Child` has started stop when its parent asks, and when the parent has died, however it did: the channel
 * between them closes then, and SIGTERM is what follows. What hasn't ended 5 s after the longest `stopTimeout` is ended with exit
 * code 1. Has no effect in other processes.
 */
export function endWithParent(): void {
  if (process.env[childVariable] === undefined) return
  // Not of what it starts.
  delete process.env[childVariable]
  const end = (bound = new BoundedEnd())
  leaveEndToParent(allowStop)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end.begin(signal))
  // Until something reads files again, there is nothing to read again.
  process.on('SIGHUP', () => {})
  // The parent had them: what is written goes nowhere, which must not be an error before all is stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  followChannel()
  end.allow(DEFAULT_STOP_MS)
}

/** Allows a child as long to stop as its servers, or those of its workers, may take. @param stopTimeout the longest, in milliseconds */
export function allowStop(stopTimeout: number): void {
  bound?.allow(stopTimeout)
}

class BoundedEnd {
  #stopTimeout = DEFAULT_STOP_MS
  #hasBegun = false

  allow(stopTimeout: number): void {
    this.#stopTimeout = stopTimeout
    const message: ChildMessage = { tribindStopTimeout: stopTimeout }
    // The parent may have died.
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }

  begin(signal: NodeJS.Signals): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    if (process.listenerCount(signal) === 1) {
      // Nothing else listens, so there is nothing to stop: it ends as if this didn't listen either.
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
      return
    }
    const limitMs = this.#stopTimeout + GRACE_MS
    setTimeout(() => {
      process.stderr.write(`tribind: not stopped in ${limitMs / 1000} s, so it is ended\n`)
      process.exit(1)
    }, limitMs).unref()
  }
}

function followChannel(): void {
  // Before the listener of node:cluster, which ends the process at once otherwise.
  process.prependListener('disconnect', () => {
    if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true
    process.kill(process.pid, 'SIGTERM')
  })
  // It doesn't keep a process running whose work is done.
  process.channel?.unref()
  if (!process.connected) process.kill(process.pid, 'SIGTERM')
}
