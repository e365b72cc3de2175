import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM'] as const

interface Stoppable {
  /** In milliseconds. */
  readonly stopTimeout: number
  stop(): Promise<void>
}

// All servers of the process share one listener for each signal.
const servers = new Set<Stoppable>()
let isStopping = false
let report: ((longestStopTimeoutMs: number) => void) | undefined

/** Makes SIGINT and SIGTERM stop the server. A second signal while servers stop ends the process at once. */
export function stopOnSignal(server: Stoppable): void {
  if (servers.size === 0) for (const signal of signals) process.on(signal, onSignal)
  servers.add(server)
  report?.(Math.max(...Array.from(servers, ({ stopTimeout }) => stopTimeout)))
}

/**
 * For a process that its parent ends: a second signal has no effect, since the parent passes on what may also have come directly,
 * as Ctrl-C does.
 *
 * @param reportTimeout is called with the longest `stopTimeout` of the servers that signals stop, in milliseconds
 */
export function leaveEndToParent(reportTimeout: (longestStopTimeoutMs: number) => void): void {
  report = reportTimeout
}

/** Reverts `stopOnSignal`. The listeners are removed with the last server. */
export function ignoreSignals(server: Stoppable): void {
  if (!servers.delete(server) || servers.size > 0) return
  for (const signal of signals) process.off(signal, onSignal)
  isStopping = false
}

function onSignal(signal: NodeJS.Signals): void {
  if (isStopping) {
    // The exit code with which a shell reports a process ended by this signal.
    if (report === undefined) process.exit(128 + constants.signals[signal])
    return
  }
  isStopping = true
  for (const server of servers) void server.stop()
}
