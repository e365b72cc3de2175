import { ConfigError } from '../../index.ts'
import { defineOptions, nested, option, type OptionTable, printValue } from '../../kit.ts'
import { type Interface, interfaceOption, type ReadInterface } from '../egress/interface-option.ts'
import type { Unread } from '../request/unread.ts'
import {
  type ConnectionKey,
  connectionSelectorOptions,
  type ReadSelectorOptions,
  type SelectorOptions,
} from '../selector/selector-options.ts'
import { isChain, type ProxyChain } from './proxy-chain.ts'
import { readTcpNode, type TcpNode } from './tcp-node-options.ts'
import { TcpForwardNode } from './tcp-forward-node.ts'

/** The options of `tcpForward`. */
export interface TcpForwardOptions {
  /** The servers, of which each connection goes to one. */
  nodes: string | TcpNode | readonly (string | TcpNode)[]
  /** How the node of a connection is chosen, and when one counts as failed. `hash` chooses by the client's address. */
  selector?: SelectorOptions<'ip'>
  /** Through what nodes are connected to: a chain, or the name of one of the server. Default: directly. */
  chain?: string | ProxyChain
  /** From where connections to nodes leave. Default: from any address of this machine. */
  interface?: Interface
}

interface Table {
  readonly nodes: TcpForwardOptions['nodes']
  readonly selector: ReadSelectorOptions<ConnectionKey>
  readonly chain?: string | ProxyChain
  readonly interface?: ReadInterface
}

const table: OptionTable<Unread<Table>, Table> = defineOptions<Unread<Table>, Table>(
  {
    nodes: option<TcpForwardOptions['nodes'], { required: true }>(() => true, 'a list of nodes', { required: true }),
    selector: nested(connectionSelectorOptions, 'an object of options', { default: {} }),
    chain: option<string | ProxyChain>(isChain, 'a chain, or the name of one'),
    interface: interfaceOption(),
  },
  { owner: 'tcpForward', check: findProblem },
)

/** The options as they were read. */
export interface ReadTcpForward {
  readonly nodes: readonly TcpForwardNode[]
  readonly selector: ReadSelectorOptions<ConnectionKey>
  readonly chain: string | ProxyChain | undefined
}

/** Reads the options. @throws ConfigError naming the option */
export function readTcpForward(given: TcpForwardOptions): ReadTcpForward {
  const { nodes: all, selector, chain, interface: from } = table.parse(given)
  const isList = Array.isArray(all)
  const list: readonly (string | TcpNode)[] = isList
    ? (all as readonly (string | TcpNode)[])
    : [all as string | TcpNode]
  const nodes = list.map((node, i) => {
    return new TcpForwardNode(readTcpNode(node, isList ? `nodes[${i}]` : 'nodes'), from)
  })
  if (nodes.length === 0) throw refuse('option "nodes" must have one node at least, got none')
  const local = nodes.find(({ address }) => 'path' in address)
  if (local !== undefined && (chain !== undefined || local.egress.name !== ''))
    throw refuse(
      `option "${chain === undefined ? 'interface' : 'chain'}" can't be used with ${local.addr}, a Unix socket`,
    )
  if (chain !== undefined && nodes.some(({ egress }) => egress.name !== ''))
    throw refuse('option "chain" leaves no choice of an interface: set it in the chain')
  return { nodes, selector, chain }
}

function findProblem({ selector }: Table): string | undefined {
  return selector.key === 'ip' ? undefined : `option "selector.key" must be "ip", got ${printValue(selector.key)}`
}

function refuse(message: string): ConfigError {
  return new ConfigError(`tcpForward: ${message}`, { failure: 'ERR_TRIBIND_OPTION_CONFLICT' })
}
