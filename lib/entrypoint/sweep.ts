import type { Server } from 'node:http'

type Swept = Pick<Server, 'once' | 'timeout'> & { readonly connectionsCheckingInterval?: number }

const DEFAULT_INTERVAL_MS = 5000

/** Calls a function every `connectionsCheckingInterval`, or every `timeout` if that is less, while a server listens. */
export function sweepRegularly(server: Swept, sweep: () => void): void {
  server.once('listening', () => {
    const { timeout, connectionsCheckingInterval = DEFAULT_INTERVAL_MS } = server
    const timer = setInterval(sweep, Math.min(timeout || Infinity, connectionsCheckingInterval)).unref()
    server.once('close', () => clearInterval(timer))
  })
}
