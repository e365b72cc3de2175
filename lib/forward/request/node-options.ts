import { ConfigError, type Duration, type FieldChanges } from '../../index.ts'
import {
  defineOptions,
  fieldChanges,
  flag,
  isObject,
  nested,
  option,
  type Option,
  type OptionTable,
  printValue,
  type ReadFieldChanges,
  type Report,
  text,
  textSchema,
} from '../../kit.ts'
import { type Interface, interfaceOption, type ReadInterface } from '../egress/interface-option.ts'
import { nodeRows } from '../selector/node-rows.ts'
import { hostOption } from './host-option.ts'
import { addressWords, type NodeAddress, parseNodeAddress } from './node-address.ts'
import type { Unread } from './unread.ts'

/** How to speak TLS with a node. */
export interface NodeTlsOptions {
  /** The name that its certificate must have, and that it is told. Default: that of its address. */
  serverName?: string
  /** The authorities that its certificate may be of, as PEM. Default: those of Node.js. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** Whether a certificate that can't be verified is a failure. Default true. */
  rejectUnauthorized?: boolean
}

/** A server that requests are forwarded to. */
export interface ForwardNode {
  /** In logs and in `nodes()`. Default: its address. */
  name?: string
  /** A URL (`http:`, `https:`) whose path goes before that of each request, or `unix:/path` of a socket. */
  addr: string | URL
  /** How many of the requests it gets, in proportion to the others. Default 1. */
  weight?: number
  /** Whether it is used only where no other is left. Default false. */
  backup?: boolean
  /** From where connections to it leave, in place of that of all nodes. */
  interface?: Interface
  /** In place of that of the selector. */
  maxFails?: number
  /** In place of that of the selector. */
  failTimeout?: Duration
  /** The Host field, in place of that of all nodes: `keep`, `node` or a text. */
  host?: string
  /** Fields to set, after those that are set for all nodes. */
  headers?: FieldChanges
  /** How to speak TLS with a node of `https:`. */
  tls?: NodeTlsOptions
}

/** TLS as it was read. */
export interface ReadNodeTls {
  readonly serverName?: string
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[]
  readonly rejectUnauthorized: boolean
}

/** A node as it was read. */
export interface ReadNode {
  readonly name?: string
  readonly addr: NodeAddress
  readonly weight: number
  readonly backup: boolean
  readonly interface?: ReadInterface
  readonly maxFails?: number
  readonly failTimeout?: number
  readonly host?: string
  readonly headers?: ReadFieldChanges
  readonly tls?: ReadNodeTls
}

const tlsOptions = defineOptions<Unread<ReadNodeTls>, ReadNodeTls>({
  serverName: text({ summary: 'the name that the certificate must be for' }),
  ca: option<NonNullable<ReadNodeTls['ca']>>(
    isCertificates,
    'certificates as PEM: a text, bytes or an array of these',
    {
      json: () => ({ anyOf: [textSchema, { type: 'array', minItems: 1, items: textSchema }] }),
    },
  ),
  rejectUnauthorized: flag({ default: true, summary: 'whether the certificate must be valid' }),
})

/** The table of the options of a node. */
export const forwardNodeOptions: OptionTable<Unread<ReadNode>, ReadNode> = defineOptions<Unread<ReadNode>, ReadNode>(
  {
    name: text(),
    addr: {
      isValid: (value) => parseNodeAddress(value) !== undefined,
      words: `${addressWords}, without credentials, query and fragment`,
      convert: (value) => parseNodeAddress(value) as NodeAddress,
      required: true,
      secret: true,
      json: () => textSchema,
    },
    ...nodeRows,
    interface: interfaceOption(),
    host: hostOption(),
    headers: nested(fieldChanges, 'an object with request and response', {
      summary: 'fields to set, after those for all nodes',
    }),
    tls: nested(tlsOptions, 'an object of options', { summary: 'how TLS is spoken with a node of https' }),
  },
  { check: findProblem },
)

/** Declares the option `nodes`: URLs and objects, one at least. */
export function nodesOption(): Option<readonly (string | URL | ForwardNode)[], 'always', readonly ReadNode[]> {
  const isList = (value: unknown) => Array.isArray(value) && value.length > 0
  const convert = (given: unknown, place: string, report?: Report) =>
    (given as readonly unknown[]).map((node, i) => readNode(node, `${place}[${i}]`, report))
  const json = () => ({ type: 'array', minItems: 1, items: { anyOf: [textSchema, forwardNodeOptions.jsonSchema()] } })
  return { isValid: isList, words: 'an array with one node at least', required: true, convert, secret: true, json }
}

/** Reads a node. @param place where it is written, such as `nodes[1]` @throws ConfigError naming what can't be read */
function readNode(given: unknown, place: string, report: Report | undefined): ReadNode {
  if (isObject(given) && !(given instanceof URL)) return forwardNodeOptions.parse(given, `${place}.`, report)
  if (parseNodeAddress(given) !== undefined) return forwardNodeOptions.parse({ addr: given }, `${place}.`, report)
  const got = typeof given === 'string' && given.includes('@') ? '' : `, got ${printValue(given)}`
  const error = new ConfigError(`option "${place}" must be ${addressWords}, or an object with addr${got}`, {
    failure: 'ERR_TRIBIND_OPTION_VALUE',
  })
  if (report === undefined) throw error
  return report(error) as never
}

function findProblem({ addr, tls, interface: from }: ReadNode, place: string): string | undefined {
  if (tls !== undefined && !addr.isSecure) return `option "${place}tls" needs an address of https:, got ${addr.text}`
  if (from !== undefined && addr.socketPath !== undefined)
    return `option "${place}interface" can't be used for a Unix socket, to which no interface leads`
  return undefined
}

function isCertificates(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isCertificates)
  return value instanceof Uint8Array || (typeof value === 'string' && value !== '')
}
