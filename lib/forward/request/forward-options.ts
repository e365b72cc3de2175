import type { Duplex } from 'node:stream'
import type { Duration, FieldChanges, StatusPattern } from '../../index.ts'
import {
  bytes,
  defineOptions,
  duration,
  fieldChanges,
  isObject,
  isStatusPattern,
  matchStatuses,
  nested,
  type Option,
  type OptionTable,
  type ReadFieldChanges,
  statusSchema,
  textSchema,
} from '../../kit.ts'
import type { Target } from '../egress/connections.ts'
import { type Interface, interfaceOption, type ReadInterface } from '../egress/interface-option.ts'
import { type ReadSelectorOptions, type SelectorOptions, selectorOptions } from '../selector/selector-options.ts'
import { hostOption } from './host-option.ts'
import { type ForwardNode, nodesOption, type ReadNode } from './node-options.ts'
import { addPrefixOption, type PathChanges, rewriteOption, stripPrefixOption } from './path-change.ts'
import { type ProbeOptions, probeOptions, type ReadProbeOptions } from './probe-options.ts'
import { type ReadRetryOptions, type RetryOptions, retryOptions } from './retry-options.ts'
import type { Unread } from './unread.ts'

/** What connects to a host and port in a way of its own, as a chain of `createChain` does. */
export interface ForwardChain {
  /** @param options `timeout` in milliseconds, the address of the client for whom it connects, and that at which it came in */
  connect(
    target: Target,
    options: {
      readonly timeout: number
      readonly signal?: AbortSignal
      readonly clientAddress?: string
      readonly localAddress?: string
    },
  ): Promise<Duplex>
}

/** The options of `forward`. */
export interface ForwardOptions {
  /** The servers that requests are forwarded to: URLs and objects, one at least. */
  nodes: readonly (string | URL | ForwardNode)[]
  /** How a node is chosen, and when one counts as failed. */
  selector?: SelectorOptions
  /** How nodes are asked whether they work. Default: they aren't. */
  probe?: ProbeOptions
  /** The statuses that count as a failure of the node, such as `503` and `'5xx'`; the answer is relayed all the same. Default: none. */
  failStatus?: StatusPattern | readonly StatusPattern[]
  /** Whether a request tries further nodes. Default: one, where the first can't be connected to. */
  retry?: RetryOptions
  /** From where connections leave. Default: from wherever the system chooses. */
  interface?: Interface
  /** How nodes are reached: a chain, or the name of one of the server. Default: directly. */
  chain?: string | ForwardChain
  /** How long connecting may take, and then a handshake of TLS. Default 5 s. */
  connectTimeout?: Duration
  /** How long a node may take from the end of the request to the first byte of its answer. Default 60 s. */
  headTimeout?: Duration
  /** How long may pass between bytes, in both directions; not after an upgrade. Default 60 s. */
  idleTimeout?: Duration
  /** Of a request's body, in bytes; a larger one is answered 413. Default: no limit. */
  maxBodySize?: number
  /** What is taken off the beginning of the path, in whole segments. */
  stripPrefix?: string
  /** What is put before the path. */
  addPrefix?: string
  /** Paths by the patterns of those that they replace: `{ '/old/*rest': '/new/*rest' }`. */
  rewrite?: Readonly<Record<string, string>>
  /** The Host field that nodes get: that of the request (`keep`), of the node's address (`node`), or a text. Default `keep`. */
  host?: string
  /** Fields to set; `''` removes one. */
  headers?: FieldChanges
}

/** The options of `forward` as they were read. */
export interface ReadForwardOptions extends PathChanges {
  readonly nodes: readonly ReadNode[]
  readonly selector: ReadSelectorOptions
  readonly probe?: ReadProbeOptions
  readonly failStatus: (status: number) => boolean
  readonly retry: ReadRetryOptions
  readonly interface?: ReadInterface
  readonly chain?: string | ForwardChain
  readonly connectTimeout: number
  readonly headTimeout: number
  readonly idleTimeout: number
  readonly maxBodySize?: number
  readonly host?: string
  readonly headers?: ReadFieldChanges
}

const tableOfOptions = 'an object of options'

/** The table of the options of `forward`. */
export const forwardOptions: OptionTable<Unread<ReadForwardOptions>, ReadForwardOptions> = defineOptions<
  Unread<ReadForwardOptions>,
  ReadForwardOptions
>(
  {
    nodes: nodesOption(),
    selector: nested(selectorOptions, tableOfOptions, { default: {} }),
    probe: nested(probeOptions, tableOfOptions, {
      defaultText: 'none',
      summary: 'how nodes are asked whether they work',
    }),
    failStatus: failStatusOption(),
    retry: nested(retryOptions, tableOfOptions, { default: {}, summary: 'whether a request tries further nodes' }),
    interface: interfaceOption(),
    chain: chainOption(),
    connectTimeout: duration(1, { default: '5s', summary: 'how long connecting may take' }),
    headTimeout: duration(1, { default: '60s', summary: 'how long a node may take to answer' }),
    idleTimeout: duration(1, { default: '60s', summary: 'how long may pass between bytes' }),
    maxBodySize: bytes({ defaultText: 'no limit', summary: 'the largest body of a request' }),
    stripPrefix: stripPrefixOption(),
    addPrefix: addPrefixOption(),
    rewrite: rewriteOption(),
    host: hostOption(),
    headers: nested(fieldChanges, 'an object with request and response', {
      summary: 'fields to set; an empty text removes one',
    }),
  },
  { owner: 'forward', check: findProblem },
)

function failStatusOption(): Option<unknown, 'always', (status: number) => boolean> {
  return {
    isValid: (value) => [value].flat().every(isStatusPattern),
    words: 'statuses such as 503 or "5xx", or an array of these',
    default: [],
    defaultText: 'none',
    summary: 'the statuses that count as a failure of the node',
    convert: (value) => matchStatuses([value].flat() as StatusPattern[]),
    json: () => ({ anyOf: [statusSchema, { type: 'array', items: statusSchema }] }),
  }
}

function chainOption(): Option<string | ForwardChain, 'maybe'> {
  const isChain = (value: unknown) => isObject(value) && typeof Reflect.get(value, 'connect') === 'function'
  return {
    isValid: (value) => (typeof value === 'string' && value !== '') || isChain(value),
    words: 'a chain, or the name of one',
    json: () => textSchema,
  }
}

function findProblem(options: ReadForwardOptions, place: string): string | undefined {
  const { nodes, chain, interface: from } = options
  const local = nodes.findIndex(({ addr }) => addr.socketPath !== undefined)
  if (local >= 0 && (chain !== undefined || from !== undefined))
    return `option "${place}${chain === undefined ? 'interface' : 'chain'}" can't be used with nodes[${local}], a Unix socket`
  const own = nodes.findIndex((node) => node.interface !== undefined)
  if (chain !== undefined && (from !== undefined || own >= 0))
    return `option "${place}chain" leaves no choice of an interface: set it in the chain`
  return undefined
}
