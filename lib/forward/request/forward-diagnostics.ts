import { channel } from 'node:diagnostics_channel'
import type { Request } from '../../index.ts'
import type { NodeLink } from './node-link.ts'

/** What subscribers of the channel `tribind:forward` are called with. */
export interface ForwardDiagnostics {
  readonly event: 'start' | 'node' | 'connected' | 'retried' | 'ended'
  readonly request: Request
  /** The name of the node; `undefined` at `start`, and where there is none. */
  readonly node: string | undefined
  readonly egress: string | undefined
  /** At `connected`: whether the connection had been kept. */
  readonly isReused: boolean | undefined
  /** At `retried` and `ended`: what the node failed with. */
  readonly error: unknown
}

const forwards = channel('tribind:forward')

/** Publishes what happens to a request that is forwarded. */
export function publish(
  event: ForwardDiagnostics['event'],
  request: Request,
  link?: NodeLink,
  error?: unknown,
  isReused?: boolean,
): void {
  if (!forwards.hasSubscribers) return
  const message: ForwardDiagnostics = { event, request, node: link?.name, egress: link?.egress, isReused, error }
  forwards.publish(message)
}
