import { type FailureLimits, NodeState } from './node-state.ts'
import { NodeUse } from './node-use.ts'
import type { StrategyName } from './selector-options.ts'
import { type Candidate, strategies, type Strategy } from './strategies.ts'

/** A node that a selector chooses among others. */
export interface SelectorNode {
  /** What `hash` knows it by: its address and way out. */
  readonly id: string
  /** What is known of it already. Default: nothing. */
  readonly state?: NodeState
  readonly weight: number
  /** Whether it is used only where no other is left. */
  readonly backup: boolean
  /** In place of that of the selector. */
  readonly maxFails?: number | undefined
  /** In place of that of the selector; in milliseconds. */
  readonly failTimeout?: number | undefined
}

/** How a selector chooses. */
export interface SelectorSetting extends FailureLimits {
  readonly strategy: StrategyName
  /** A monotonic clock in milliseconds. Default: that of the process. */
  readonly now?: () => number
  /** Default: `Math.random`. */
  readonly random?: () => number
}

/** What a choice depends on. */
export interface Choice<Node> {
  /** Returns what `hash` chooses by; not called by other strategies. */
  key?(): string
  /** The nodes that are not to be chosen again. */
  readonly tried?: ReadonlySet<Node>
}

/** Chooses one of several nodes, again and again, and learns from what becomes of each request. */
export class Selector<Node extends SelectorNode> {
  /** In the order of the list. */
  readonly entries: readonly Entry<Node>[]
  readonly #primaries: readonly Entry<Node>[]
  readonly #backups: readonly Entry<Node>[]
  readonly #strategy: Strategy
  readonly #now: () => number
  readonly #random: () => number

  constructor(nodes: readonly Node[], setting: SelectorSetting) {
    const { strategy, now = () => performance.now(), random = Math.random } = setting
    const ids = uniqueIds(nodes)
    this.entries = nodes.map((node, i) => new Entry(node, ids[i] as string, setting))
    this.#primaries = this.entries.filter(({ node }) => !node.backup)
    this.#backups = this.entries.filter(({ node }) => node.backup)
    this.#strategy = strategies[strategy]
    this.#now = now
    this.#random = random
  }

  /**
   * Begins to use a node; `undefined` where there is none: all were tried, or are down by their probes.
   *
   * Nodes that have failed are left out, but where all others have failed too, the one that failed first is taken.
   */
  take(choice: Choice<Node> = anyNode): NodeUse<Node> | undefined {
    const { tried = none } = choice
    const now = this.#now()
    const isUsable = ({ node, state, limits }: Entry<Node>) => !tried.has(node) && state.isUsable(now, limits)
    let usable = this.#primaries.filter(isUsable)
    if (usable.length === 0) usable = this.#backups.filter(isUsable)
    const key = () => choice.key?.() ?? ''
    const entry = usable.length > 0 ? this.#strategy(usable, key, this.#random) : this.#firstFailed(tried)
    return entry && new NodeUse(entry.node, entry.state, entry.limits, this.#now)
  }

  #firstFailed(tried: ReadonlySet<Node>): Entry<Node> | undefined {
    let first: Entry<Node> | undefined
    for (const entry of this.entries) {
      if (entry.state.name !== 'failed' || tried.has(entry.node)) continue
      if (first === undefined || (entry.state.failedAt as number) < (first.state.failedAt as number)) first = entry
    }
    return first
  }
}

/** A node in the list of a selector. */
export class Entry<Node extends SelectorNode> implements Candidate {
  readonly node: Node
  readonly id: string
  readonly weight: number
  readonly state: NodeState
  readonly limits: FailureLimits

  constructor(node: Node, id: string, { maxFails, failTimeout }: FailureLimits) {
    this.node = node
    this.id = id
    this.weight = node.weight
    this.state = node.state ?? new NodeState()
    this.limits = { maxFails: node.maxFails ?? maxFails, failTimeout: node.failTimeout ?? failTimeout }
  }

  get credit(): number {
    return this.state.credit
  }

  set credit(credit: number) {
    this.state.credit = credit
  }

  get activeRequests(): number {
    return this.state.activeRequests
  }
}

const none: ReadonlySet<never> = new Set()

const anyNode: Choice<never> = {}

/** `hash` tells the same node twice in a list apart. */
function uniqueIds(nodes: readonly SelectorNode[]): string[] {
  const counts = new Map<string, number>()
  return nodes.map(({ id }) => {
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return count === 1 ? id : `${id} ${count}`
  })
}
