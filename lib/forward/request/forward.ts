import type { Application, Request } from '../../index.ts'
import { checkServer, coreOf, type HttpHandler, isObject, markHttpHandler, takesUpgrades } from '../../kit.ts'
import { type ForwardOptions, forwardOptions } from './forward-options.ts'
import { Forwarder } from './forwarder.ts'
import { Forwarding } from './forwarding.ts'
import type { NodeStatus } from '../selector/node-status.ts'

/** A handler that forwards requests, for `bindHandler` and for the option `handler` of an entry point. */
export interface ForwardHandler extends HttpHandler {
  (request: Request): Promise<void>
  /** Returns what is known of the nodes, in the order of the option. */
  nodes(): NodeStatus[]
  /** Ends idle connections and probes, as the stop of the server does. Requests are served on, each over a connection of its own. */
  close(): void
}

/**
 * Returns a handler that forwards requests to nodes, and relays their answers.
 *
 * @param to the options, or the URL of the only node
 * @throws ConfigError naming an option that doesn't exist or has a wrong value
 */
export function forward(to: string | URL | ForwardOptions): ForwardHandler {
  const isAddress = !isObject(to) || to instanceof URL
  const forwarder = new Forwarder(forwardOptions.parse(isAddress ? { nodes: [to] } : to))
  const handle = (request: Request): Promise<void> => {
    forwarder.enter(coreOf(request))
    return new Forwarding(forwarder, request).run()
  }
  Object.defineProperty(handle, 'name', { value: 'forward' })
  return Object.assign(markHttpHandler(handle), {
    nodes: () => forwarder.nodes(),
    close: () => forwarder.close(),
    [takesUpgrades]: true as const,
    [checkServer]: (server: Application) => void forwarder.chainOf(server),
  })
}
