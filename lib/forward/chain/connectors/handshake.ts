import type { Socket } from 'node:net'
import type { Target } from '../../egress/connections.ts'
import type { ReadConnector } from '../connector-options.ts'

/**
 * Asks a proxy at the other end of a connection to connect to the target.
 *
 * Rejects with a `Refusal` if the proxy won't or can't, and with another error if the proxy itself is at fault.
 */
export type Handshake = (
  socket: Socket,
  target: Target,
  auth: ReadConnector['auth'],
  signal: AbortSignal,
) => Promise<void>
