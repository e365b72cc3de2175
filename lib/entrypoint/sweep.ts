import type { Server } from 'node:http'

type Swept = Pick<Server, 'keepAliveTimeout' | 'once' | 'timeout'> & { readonly connectionsCheckingInterval?: number }

const DEFAULT_INTERVAL_MS = 5000

/**
 * Calls a function while a server listens: every `connectionsCheckingInterval`, or more often where a timeout is shorter.
 *
 * @param limitMs another timeout; 0 for no limit
 */
export function sweepRegularly(server: Swept, sweep: () => void, limitMs = 0): void {
  server.once('listening', () => {
    const { timeout, keepAliveTimeout, connectionsCheckingInterval = DEFAULT_INTERVAL_MS } = server
    const limits = [timeout, keepAliveTimeout, limitMs].map((ms) => ms || Infinity)
    const timer = setInterval(sweep, Math.min(...limits, connectionsCheckingInterval)).unref()
    server.once('close', () => clearInterval(timer))
  })
}
