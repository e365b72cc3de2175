import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM'] as const

interface Stoppable {
  stop(): Promise<void>
}

// All servers of the process share one listener for each signal.
const servers = new Set<Stoppable>()
let isStopping = false

/** Makes SIGINT and SIGTERM stop the server. A second signal while servers stop ends the process at once. */
export function stopOnSignal(server: Stoppable): void {
  if (servers.size === 0) for (const signal of signals) process.on(signal, onSignal)
  servers.add(server)
}

/** Reverts `stopOnSignal`. The listeners are removed with the last server. */
export function ignoreSignals(server: Stoppable): void {
  if (!servers.delete(server) || servers.size > 0) return
  for (const signal of signals) process.off(signal, onSignal)
  isStopping = false
}

function onSignal(signal: NodeJS.Signals): void {
  // The exit code with which a shell reports a process ended by this signal.
  if (isStopping) process.exit(128 + constants.signals[signal])
  isStopping = true
  for (const server of servers) void server.stop()
}
