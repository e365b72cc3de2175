import { ConfigError, type Duration } from '../../index.ts'
import { defineOptions, isObject, type OptionTable, printValue, text } from '../../kit.ts'
import { parseNodeAddress } from '../chain/parse-node-address.ts'
import type { Target } from '../egress/connections.ts'
import { type Interface, interfaceOption, type ReadInterface } from '../egress/interface-option.ts'
import { nodeRows } from '../selector/node-rows.ts'
import type { Unread } from '../request/unread.ts'

/** A server that connections are forwarded to. */
export interface TcpNode {
  /** In logs and in `nodes()`. Default: its address. */
  name?: string
  /** `host:port`, `:port` of this machine, or `unix:/path` of a socket. */
  addr: string
  /** How many of the connections it gets, in proportion to the others. Default 1. */
  weight?: number
  /** Whether it is used only where no other is left. Default false. */
  backup?: boolean
  /** From where connections to it leave, in place of that of all nodes. */
  interface?: Interface
  /** In place of that of the selector. */
  maxFails?: number
  /** In place of that of the selector. */
  failTimeout?: Duration
}

/** A node as it was read. */
export interface ReadTcpNode {
  readonly name?: string
  readonly addr: string
  readonly weight: number
  readonly backup: boolean
  readonly interface?: ReadInterface
  readonly maxFails?: number
  readonly failTimeout?: number
}

/** Where a node is. */
export type TcpAddress = Target | { readonly path: string }

const table: OptionTable<Unread<ReadTcpNode>, ReadTcpNode> = defineOptions<Unread<ReadTcpNode>, ReadTcpNode>({
  name: text(),
  addr: text({ required: true }),
  ...nodeRows,
  interface: interfaceOption(),
})

/** Reads a node, or its address alone. @throws ConfigError naming the option */
export function readTcpNode(given: TcpNode | string, place: string): ReadTcpNode & { readonly address: TcpAddress } {
  const node = table.parse(isObject(given) ? given : { addr: given }, `${place}.`)
  return { ...node, address: readAddress(node.addr, isObject(given) ? `${place}.addr` : place) }
}

function readAddress(text: string, place: string): TcpAddress {
  if (/^unix:\/[^\0]*$/.test(text)) return { path: text.slice('unix:'.length) }
  const address = parseNodeAddress(text)
  if (address !== undefined) return address
  throw new ConfigError(
    `option "${place}" must be host:port, [IPv6]:port, :port or unix:/path, got ${printValue(text)}`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}
