import { countBy } from '../count-by.ts'
import { type ReadMetric, single, states } from './sample.ts'

const entryPointStates = ['running', 'ready', 'failed', 'closed']

/** Of the server, its layers, its entry points and their observers. */
export const serverMetrics: readonly ReadMetric[] = [
  {
    name: 'tribind_ready',
    help: 'Whether the server is ready.',
    type: 'gauge',
    ofAll: 'min',
    labels: [],
    read: ({ server }) => single(Number(server.isReady())),
  },
  {
    name: 'tribind_start_time_seconds',
    help: 'When the server was started, in seconds since 1970.',
    type: 'gauge',
    ofAll: 'min',
    labels: [],
    read: ({ startedAt }) => single(startedAt / 1000),
  },
  {
    name: 'tribind_version',
    help: 'The version of what is bound: 1 at the start, and one higher for each switch.',
    type: 'gauge',
    ofAll: 'max',
    labels: [],
    read: ({ server }) => single(server.version),
  },
  {
    name: 'tribind_bindings',
    help: 'What is bound, by layer and type.',
    type: 'gauge',
    ofAll: 'max',
    labels: ['layer', 'type'],
    read: ({ server }) =>
      server.layers().flatMap((layer) => {
        const { total: _, ...counts } = countBy(layer.routes(), ({ type }) => type)
        return Object.entries(counts).map(([type, value]) => ({ labels: { layer: layer.name, type }, value }))
      }),
  },
  {
    name: 'tribind_entry_point_state',
    help: '1 for the state that an entry point has, 0 for the others.',
    type: 'gauge',
    labels: ['entry_point', 'state'],
    read: ({ server }) =>
      server
        .entryPoints()
        .flatMap((one) => states({ entry_point: one.name }, 'state', entryPointStates, one.status().state)),
  },
  ofStats('tribind_connections_total', 'Connections that were accepted.', 'counter', 'totalConns'),
  ofStats('tribind_connections', 'Connections that are open.', 'gauge', 'currentConns'),
  ofStats('tribind_requests_in_progress', 'Requests that are not answered yet.', 'gauge', 'currentRequests'),
  ofStats('tribind_received_bytes_total', 'Bytes that were received, under TLS.', 'counter', 'inputBytes'),
  ofStats('tribind_sent_bytes_total', 'Bytes that were sent, under TLS.', 'counter', 'outputBytes'),
  ofStats(
    'tribind_entry_point_errors_total',
    'Requests that failed or could not be read, and failed TLS handshakes.',
    'counter',
    'totalErrs',
  ),
  {
    name: 'tribind_observer_pending_events',
    help: 'Events that an observer has not accepted yet.',
    type: 'gauge',
    labels: ['observer', 'entry_point'],
    read: ({ server }) =>
      server.observers().map(({ name, entryPoint, pending }) => ({
        labels: { observer: name, entry_point: entryPoint },
        value: pending,
      })),
  },
  {
    name: 'tribind_observer_dropped_events_total',
    help: 'Events that an observer never got, since too many were pending.',
    type: 'counter',
    labels: ['observer', 'entry_point'],
    read: ({ server }) =>
      server.observers().map(({ name, entryPoint, dropped }) => ({
        labels: { observer: name, entry_point: entryPoint },
        value: dropped,
      })),
  },
]

/** A figure of the entry points that are open. */
function ofStats(
  name: string,
  help: string,
  type: ReadMetric['type'],
  figure: 'totalConns' | 'currentConns' | 'currentRequests' | 'inputBytes' | 'outputBytes' | 'totalErrs',
): ReadMetric {
  return {
    name,
    help,
    type,
    labels: ['entry_point'],
    read: ({ server, parts }) =>
      server.entryPoints().flatMap((one) => {
        const stats = one.addresses.length > 0 ? parts.entryPoints().insideOf(one.name)?.stats : undefined
        return stats === undefined ? [] : { labels: { entry_point: one.name }, value: stats[figure] }
      }),
  }
}
