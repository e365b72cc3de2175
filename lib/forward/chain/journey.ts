import type { Socket } from 'node:net'
import { ChainError } from '../../index.ts'
import { tooSlow } from '../egress/connect-socket.ts'
import type { Target } from '../egress/connections.ts'
import { describeError } from '../selector/node-state.ts'
import type { ChainNode } from './chain-node.ts'
import type { ConnectorType } from './connector-options.ts'
import { httpConnect } from './connectors/http-connect.ts'
import type { Handshake } from './connectors/handshake.ts'
import { socks4Connect } from './connectors/socks4-connect.ts'
import { socks5Connect } from './connectors/socks5-connect.ts'
import { dial } from './dial.ts'
import type { Hop } from './hop.ts'
import { Refusal, type RefusalCode } from './refusal.ts'

/** A connection that is to go through a chain. */
export interface Journey {
  /** The name of the chain. */
  readonly chain: string
  readonly hops: readonly Hop[]
  readonly target: Target
  /** The client's address, which `hash` chooses by. */
  readonly clientAddress: string | undefined
  /** The address at which the client came in, which `auto` stands for. */
  readonly localAddress: string | undefined
  readonly allowHalfOpen: boolean
}

/** How long a part of it may take. */
interface Until {
  readonly signal: AbortSignal
  /** On the clock of `performance.now()`. */
  readonly deadline: number
}

const CONNECT_TIMEOUT_MS = 5000

/**
 * Connects to a target through the hops up to one of them.
 *
 * Throws a `Refusal` if what connects to the target works, but the target can't be reached; a `ChainError` if no node of a hop is
 * usable; and the signal's reason.
 */
export async function connectThrough(journey: Journey, at: number, target: Target, until: Until): Promise<Socket> {
  const hop = journey.hops[at] as Hop
  const tried = new Map<ChainNode, unknown>()
  const key = () => (hop.key === 'host' ? journey.target.host : (journey.clientAddress ?? ''))
  while (tried.size < hop.attempts) {
    const use = hop.selector.take({ key, tried: new Set(tried.keys()) })
    if (use === undefined) break
    try {
      const share = shareOf(until, hop.attempts - tried.size)
      const socket = await within(share, until.signal, (part) => connectBy(use.node, journey, at, target, part))
      use.succeeded()
      socket.once('close', () => use.end())
      return socket
    } catch (error) {
      const isOver = until.signal.aborted || error instanceof ChainError
      if (error instanceof Refusal) use.succeeded()
      else if (!isOver) use.failed(error as Error)
      use.end()
      until.signal.throwIfAborted()
      if (isOver || error instanceof Refusal) throw error
      tried.set(use.node, error)
    }
  }
  throw noneUsable(journey.chain, hop, tried)
}

/** Each node that may be tried has an equal share of the time that is left. */
function shareOf({ deadline }: Until, attempts: number): number {
  return Math.max(1, (deadline - performance.now()) / attempts)
}

async function within<T>(ms: number, signal: AbortSignal, act: (until: Until) => Promise<T>): Promise<T> {
  const part = new AbortController()
  const onAbort = () => part.abort(signal.reason)
  const timer = setTimeout(() => part.abort(tooSlow(`it took longer than ${Math.round(ms)} ms`)), ms)
  signal.addEventListener('abort', onAbort)
  try {
    signal.throwIfAborted()
    return await act({ signal: part.signal, deadline: performance.now() + ms })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

const handshakes: Readonly<Partial<Record<ConnectorType, Handshake>>> = {
  http: httpConnect,
  socks5: socks5Connect,
  socks4: socks4Connect,
}

async function connectBy(node: ChainNode, journey: Journey, at: number, target: Target, until: Until): Promise<Socket> {
  const { address, dialer, connector } = node
  if (address === undefined) return connectVirtually(node, journey, at, target, until)
  let socket = await reach(node, journey, at, address, until)
  try {
    socket = await dial(socket, dialer, address, until.signal)
    await handshakes[connector.type]?.(socket, target, connector.auth, until.signal)
    return socket
  } catch (error) {
    socket.on('error', () => {}).destroy()
    throw error
  }
}

/** Connects to a node. That the hop before doesn't reach it is a failure of this node. */
async function reach(node: ChainNode, journey: Journey, at: number, address: Target, until: Until): Promise<Socket> {
  if (at === 0) return connectDirectly(node, journey, address, until)
  try {
    return await connectThrough(journey, at - 1, address, until)
  } catch (error) {
    throw error instanceof Refusal
      ? Object.assign(new Error(error.message), { code: error.code, cause: error.cause })
      : error
  }
}

/** What the system says of the other end, and not of the way there. */
const ofTarget: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA'])

async function connectVirtually(
  node: ChainNode,
  journey: Journey,
  at: number,
  target: Target,
  until: Until,
): Promise<Socket> {
  if (at > 0) return connectThrough(journey, at - 1, target, until)
  try {
    return await connectDirectly(node, journey, target, until)
  } catch (error) {
    const { cause = error } = error as Error
    const code = (cause as NodeJS.ErrnoException).code
    if (!ofTarget.has(code)) throw error
    throw new Refusal((error as Error).message, code as RefusalCode, { cause: error })
  }
}

function connectDirectly(node: ChainNode, journey: Journey, to: Target, { signal, deadline }: Until): Promise<Socket> {
  const timeout = Math.max(1, Math.min(CONNECT_TIMEOUT_MS, deadline - performance.now()))
  const { localAddress, allowHalfOpen } = journey
  return node.egress.choose(localAddress).connect(to, { timeout, signal, allowHalfOpen })
}

function noneUsable(chain: string, { name, nodes }: Hop, tried: ReadonlyMap<ChainNode, unknown>): ChainError {
  const why = nodes.map((node) => {
    const error = tried.get(node)
    return `${node.name}${node.addr === '' ? '' : ` (${node.addr})`}: ${error === undefined ? 'not tried' : describeError(error as Error)}`
  })
  const message = `chain "${chain}": no node of hop "${name}" is usable: ${why.join('; ') || 'it has none'}`
  return new ChainError(message, {
    failure: 'ERR_TRIBIND_CHAIN_HOP',
    hop: name,
    nodes: nodes.map((node) => node.name),
    cause: [...tried.values()].at(-1),
  })
}
