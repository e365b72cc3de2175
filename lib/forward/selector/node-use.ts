import type { FailureLimits, NodeState } from './node-state.ts'

/** A node that was chosen, for one request or connection. Its outcome is reported once: what is reported later doesn't count. */
export class NodeUse<Node> {
  readonly node: Node
  readonly #state: NodeState
  readonly #limits: FailureLimits
  readonly #now: () => number
  readonly #epoch: number
  #isReported = false
  #isEnded = false

  constructor(node: Node, state: NodeState, limits: FailureLimits, now: () => number) {
    this.node = node
    this.#state = state
    this.#limits = limits
    this.#now = now
    this.#epoch = state.begin()
  }

  succeeded(): void {
    this.#report(undefined)
  }

  failed(error: Error): void {
    this.#report(error)
  }

  /** The client left before there was an outcome: that says nothing of the node. */
  left(): void {
    this.#report('left')
  }

  /** The request or connection is over. Without an outcome, it is one whose client left. */
  end(): void {
    this.left()
    if (this.#isEnded) return
    this.#isEnded = true
    this.#state.end()
  }

  #report(outcome: Error | undefined | 'left'): void {
    if (this.#isReported) return
    this.#isReported = true
    this.#state.report(this.#epoch, outcome, this.#now(), this.#limits)
  }
}
