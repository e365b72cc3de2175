import type { Application, Request } from '../../index.ts'
import {
  beforeServing,
  checkServer,
  coreOf,
  defineOptions,
  type HttpHandler,
  isObject,
  markHttpHandler,
  option,
  takesUpgrades,
} from '../../kit.ts'
import { type ForwardOptions, forwardOptions } from './forward-options.ts'
import { Forwarder } from './forwarder.ts'
import { Forwarding } from './forwarding.ts'
import type { NodeStatus } from '../selector/node-status.ts'

/** A handler that forwards requests, for `bindHandler` and for the option `handler` of an entry point. */
export interface ForwardHandler extends HttpHandler {
  (request: Request): Promise<void>
  /** Returns what is known of the nodes, in the order of the option. */
  nodes(): NodeStatus[]
  /**
   * Ends idle connections and probes, as the stop of the server does, but for what another handler continues. Requests are served
   * on, each over a connection of its own.
   */
  close(): void
}

/** What a handler is made with beside its nodes. */
export interface ForwardContinuation {
  /**
   * The handler in whose place it comes. It takes over what that knows of the nodes which both have: failures, probes, requests under
   * way, kept connections and the turn of each. Default: none.
   */
  continues?: ForwardHandler | undefined
}

const forwarders = new WeakMap<object, Forwarder>()

const continuationOptions = defineOptions<ForwardContinuation, ForwardContinuation>(
  {
    continues: option<ForwardHandler>(
      (value) => typeof value === 'function' && forwarders.has(value),
      'a handler that forward() returned',
    ),
  },
  { owner: 'forward' },
)

/**
 * Returns a handler that forwards requests to nodes, and relays their answers.
 *
 * @param to the options, or the URL of the only node
 * @param continuation the handler in whose place it comes, if there is one. That one stays as it is, and is closed apart.
 * @throws ConfigError naming an option that doesn't exist or has a wrong value
 */
export function forward(to: string | URL | ForwardOptions, continuation: ForwardContinuation = {}): ForwardHandler {
  const isAddress = !isObject(to) || to instanceof URL
  const { continues } = continuationOptions.parse(continuation)
  const before = continues && forwarders.get(continues)
  const forwarder = new Forwarder(forwardOptions.parse(isAddress ? { nodes: [to] } : to), before)
  const handle = (request: Request): Promise<void> => {
    forwarder.enter(coreOf(request))
    return new Forwarding(forwarder, request).run()
  }
  Object.defineProperty(handle, 'name', { value: 'forward' })
  forwarders.set(handle, forwarder)
  return Object.assign(markHttpHandler(handle), {
    nodes: () => forwarder.nodes(),
    close: () => forwarder.close(),
    [takesUpgrades]: true as const,
    [checkServer]: (server: Application) => void forwarder.chainOf(server),
    [beforeServing]: (server: Application) => forwarder.begin(server),
  })
}
