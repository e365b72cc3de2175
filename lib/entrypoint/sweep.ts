import type { Server } from 'node:http'

type Swept = Pick<Server, 'keepAliveTimeout' | 'once' | 'timeout'> & { readonly connectionsCheckingInterval?: number }

const DEFAULT_INTERVAL_MS = 5000

/** Calls a function while a server listens: every `connectionsCheckingInterval`, or more often where a timeout is shorter. */
export function sweepRegularly(server: Swept, sweep: () => void): void {
  server.once('listening', () => {
    const { timeout, keepAliveTimeout, connectionsCheckingInterval = DEFAULT_INTERVAL_MS } = server
    const interval = Math.min(timeout || Infinity, keepAliveTimeout || Infinity, connectionsCheckingInterval)
    const timer = setInterval(sweep, interval).unref()
    server.once('close', () => clearInterval(timer))
  })
}
