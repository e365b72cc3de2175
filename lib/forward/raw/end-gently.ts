import type { Socket } from 'node:net'

/** How long a client that was refused may go on sending: it reads its answer only where it isn't reset. */
const LINGER_MS = 1000

/** Ends a connection, and reads on for a moment. */
export function endGently(client: Socket): void {
  client.end()
  client.resume()
  const timer = setTimeout(() => client.destroy(), LINGER_MS)
  client.once('close', () => clearTimeout(timer))
}
