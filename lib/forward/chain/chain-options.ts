import type { Duration } from '../../index.ts'
import {
  defineOptions,
  integer,
  isObject,
  nested,
  type Option,
  type OptionTable,
  printValue,
  type Report,
  text,
} from '../../kit.ts'
import { type Interface, interfaceOption, type ReadInterface } from '../egress/interface-option.ts'
import type { Unread } from '../request/unread.ts'
import { nodeRows } from '../selector/node-rows.ts'
import {
  type ConnectionKey,
  connectionSelectorOptions,
  type ReadSelectorOptions,
  type SelectorOptions,
} from '../selector/selector-options.ts'
import { type ConnectorOptions, connectorOptions, type ReadConnector } from './connector-options.ts'
import { type DialerOptions, dialerOptions, type ReadDialer } from './dialer-options.ts'
import { parseNodeAddress } from './parse-node-address.ts'

/** A node of a hop: a proxy, or with `virtual` none. */
export interface ChainNodeOptions {
  /** Default `node-0`, `node-1` and so on. */
  name?: string
  /** `host:port`; without a host, `127.0.0.1`. That of a `virtual` node isn't looked at. */
  addr?: string
  /** Its share of the connections, from 1. Default 1. */
  weight?: number
  /** Whether it is used only where no other is left. Default false. */
  backup?: boolean
  /** From where connections to it leave, if its hop is the first. Default: that of its hop. */
  interface?: Interface
  /** In place of the selector's. */
  maxFails?: number
  /** In place of the selector's. */
  failTimeout?: Duration
  /** How the node is asked to connect further. Default `{ type: 'http' }`. */
  connector?: ConnectorOptions
  /** How the node is connected to. Default `{ type: 'tcp' }`. */
  dialer?: DialerOptions
}

/** A hop: the nodes of which a connection goes through one. */
export interface HopOptions {
  /** Default `hop-0`, `hop-1` and so on. */
  name?: string
  /** From where connections to its nodes leave, if it is the first. */
  interface?: Interface
  /** How a node is chosen, and when it counts as failed. `hash` chooses by `ip` or `host`. */
  selector?: SelectorOptions<ConnectionKey>
  /** How many further nodes a connection may try. Default: as many as there are, less one. */
  retries?: number
  nodes: readonly ChainNodeOptions[]
}

/** A chain: hops in the order in which connections go through them. */
export interface ChainOptions {
  /** Default `chain`. */
  name?: string
  /** Hops, and names of those in the option `hops` of the server, as `'hop-0'` or `{ name: 'hop-0' }`. */
  hops: readonly (HopOptions | HopName | string)[]
}

/** A hop that the server knows by its name. */
export interface HopName {
  name: string
}

/** A node as its options were read. */
export interface ReadChainNode {
  readonly name?: string
  readonly addr?: string
  readonly weight: number
  readonly backup: boolean
  readonly interface?: ReadInterface
  readonly maxFails?: number
  readonly failTimeout?: number
  readonly connector?: ReadConnector
  readonly dialer: ReadDialer
}

/** A hop as its options were read. */
export interface ReadHop {
  readonly name?: string
  readonly interface?: ReadInterface
  readonly selector: ReadSelectorOptions<ConnectionKey>
  readonly retries?: number
  readonly nodes: readonly ReadChainNode[]
}

/** The table of the options of a node. */
export const chainNodeOptions: OptionTable<Unread<ReadChainNode>, ReadChainNode> = defineOptions<
  Unread<ReadChainNode>,
  ReadChainNode
>(
  {
    name: text({ defaultText: '`node-0`, `node-1` and so on', summary: 'its name, in status and errors' }),
    addr: text({ summary: 'host:port; without a host, 127.0.0.1' }),
    ...nodeRows,
    interface: interfaceOption(),
    connector: nested(connectorOptions, 'an object with a type', { summary: 'how it is asked to connect further' }),
    dialer: nested(dialerOptions, 'an object with a type', { default: {}, summary: 'how it is connected to' }),
  },
  { check: findProblem },
)

/** The table of the options of a hop. */
export const hopOptions: OptionTable<Unread<ReadHop>, ReadHop> = defineOptions<Unread<ReadHop>, ReadHop>({
  name: text(),
  interface: interfaceOption(),
  selector: nested(connectionSelectorOptions, 'an object with a strategy', {
    default: {},
    summary: 'how a node is chosen, and when one counts as failed',
  }),
  retries: integer(
    { from: 0 },
    { defaultText: 'as many as it has nodes, less one', summary: 'how many further nodes a connection may try' },
  ),
  nodes: listOf((node, place, report) => chainNodeOptions.parse(node as object, place, report)),
})

interface ReadChain {
  readonly name: string
  readonly hops: readonly (ReadHop | string)[]
}

/** The table of the options of a chain. */
export const chainOptions: OptionTable<Unread<ReadChain>, ReadChain> = defineOptions<Unread<ReadChain>, ReadChain>(
  { name: text({ default: 'chain' }), hops: listOf(readHopOrName) },
  {
    check: ({ hops }, place) => (hops.length === 0 ? `option "${place}hops" must have one hop at least` : undefined),
  },
)

/** Returns the options of a chain with their defaults. @param place where they are in others, with a dot at its end */
export function readChain(given: ChainOptions, place: string): ReadChain {
  return chainOptions.parse(given, place)
}

/** Returns the options of a hop with their defaults. @param place where they are in others, with a dot at its end */
export function readHop(given: HopOptions, place: string): ReadHop {
  return hopOptions.parse(given, place)
}

function readHopOrName(given: unknown, place: string, report?: Report): ReadHop | string {
  if (typeof given === 'string' && given !== '') return given
  const isName = isObject(given) && Object.keys(given).join() === 'name'
  return isName
    ? (nameOptions.parse(given as HopName, place, report).name as string)
    : hopOptions.parse(given as HopOptions, place, report)
}

const nameOptions = defineOptions<Unread<HopName>, HopName>({ name: text({ required: true }) })

/** Declares a required option that is an array, each of whose elements a function reads at its place. */
function listOf<Read>(
  read: (element: unknown, place: string, report?: Report) => Read,
): Option<unknown, 'always', readonly Read[]> {
  const convert = (value: unknown, place: string, report?: Report) =>
    (value as unknown[]).map((element, i) => read(element, `${place}[${i}].`, report))
  return { required: true, isValid: Array.isArray, words: 'an array', convert }
}

/** Returns what is wrong with a node, or `undefined`. */
function findProblem({ addr, connector, dialer }: ReadChainNode, place: string): string | undefined {
  if (dialer.type === 'virtual' || connector?.type === 'virtual') {
    if (dialer.type === 'tls')
      return `option "${place}dialer" has no effect: with the connector "virtual" there is no proxy`
    if (connector !== undefined && connector.type !== 'virtual')
      return `option "${place}connector" contradicts the dialer "virtual", which connects to no proxy`
    return undefined
  }
  if (addr !== undefined && parseNodeAddress(addr) !== undefined) return undefined
  return `option "${place}addr" must be host:port, [IPv6]:port or :port, got ${printValue(addr)}`
}
