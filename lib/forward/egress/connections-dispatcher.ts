import type { Socket } from 'node:net'
import type { Agent, buildConnector, Dispatcher } from 'undici'
import {
  type AgentOptions,
  type ConnectOptions,
  type Dispatcher as PublicDispatcher,
  undiciPackage,
} from '../undici-package.ts'
import type { Choice, Connections } from './connections.ts'

/** Options of undici's `Agent`; those of TLS in `connect`. */
export type DispatcherOptions = Omit<AgentOptions, 'connect' | 'factory'> & { connect?: ConnectOptions }

/**
 * Returns a dispatcher whose connections are made by an egress or a chain, and kept for the same way alone.
 *
 * It has an agent of undici for each way. One that had to connect by a way out of a failure serves no further requests.
 */
export function createDispatcher(connections: Connections, options: DispatcherOptions = {}): PublicDispatcher {
  const undici = undiciPackage()
  const agents = new Map<string, Agent>()
  const agentFor = (choice: Choice): Agent => {
    const known = agents.get(choice.key)
    if (known !== undefined) return known
    const giveUp = () => {
      if (agents.get(choice.key) !== agent) return
      agents.delete(choice.key)
      void agent.close()
    }
    const { connect: tls = {}, ...rest } = options
    const agent: Agent = new undici.Agent({
      ...rest,
      connect: connector(choice, undici.buildConnector(tls), tls, giveUp),
    })
    agents.set(choice.key, agent)
    return agent
  }
  class ConnectionsDispatcher extends undici.Dispatcher {
    override dispatch(asked: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      return agentFor(connections.choose()).dispatch(asked, handler)
    }

    override close(): Promise<void>
    override close(whenClosed: () => void): void
    override close(whenClosed?: () => void): Promise<void> | undefined {
      return announced(Promise.all([...agents.values()].map((agent) => agent.close())), whenClosed)
    }

    override destroy(): Promise<void>
    override destroy(reason: Error | null): Promise<void>
    override destroy(whenDestroyed: () => void): void
    override destroy(reason: Error | null, whenDestroyed: () => void): void
    override destroy(given?: Error | null | (() => void), whenDestroyed?: () => void): Promise<void> | undefined {
      const [reason, announce] = typeof given === 'function' ? [null, given] : [given ?? null, whenDestroyed]
      return announced(Promise.all([...agents.values()].map((agent) => agent.destroy(reason))), announce)
    }
  }
  return new ConnectionsDispatcher()
}

/** What undici calls for a connection. TLS is left to undici. */
function connector(
  choice: Choice,
  secure: buildConnector.connector,
  { timeout }: buildConnector.BuildOptions,
  giveUp: () => void,
): buildConnector.connector {
  return (asked, answer) => {
    const isSecure = asked.protocol === 'https:'
    const target = { host: bare(asked.hostname), port: Number(asked.port || (isSecure ? 443 : 80)) }
    const connected = (socket: Socket) => {
      if (!choice.keeps(socket)) giveUp()
      if (isSecure) secure({ ...asked, httpSocket: socket }, answer)
      else answer(null, socket)
    }
    choice.connect(target, { timeout: timeout ?? undefined }).then(connected, (error: Error) => answer(error, null))
  }
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** As undici announces an end: by a function, or else by a promise. */
function announced(ending: Promise<unknown>, announce: (() => void) | undefined): Promise<void> | undefined {
  const ended = ending.then(announce ?? (() => {}))
  return announce === undefined ? ended : undefined
}
