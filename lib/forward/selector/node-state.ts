/** Whether a node is used, left out because of failures, or held to be down by its probe. */
export type NodeStateName = 'up' | 'failed' | 'down'

/** What a probe has found. */
export interface ProbeResult {
  /** In Unix seconds. */
  readonly time: number
  readonly isUp: boolean
  /** Of the answer; `undefined` where there was none. */
  readonly status: number | undefined
  /** Why it isn't up; `undefined` where it is. */
  readonly error: string | undefined
}

/** How many probes must agree. */
export interface ProbeLimits {
  readonly rise: number
  readonly fall: number
}

/** When a node has failed, and for how long. */
export interface FailureLimits {
  /** 0 for never. */
  readonly maxFails: number
  /** In milliseconds. */
  readonly failTimeout: number
}

/**
 * What is known of one node by one way out: its failures, its probes and what is under way. It outlives the list that the
 * node is in.
 *
 * All times are monotonic, in milliseconds.
 */
export class NodeState {
  /** How many failures have followed one another. */
  fails = 0
  activeRequests = 0
  totalRequests = 0
  /** What the turns of `round` have left it, in all lists alike. */
  credit = 0
  lastError: string | undefined = undefined
  lastProbe: ProbeResult | undefined = undefined
  /** Counts the changes between up and failed: what began before one says nothing of the time after it. */
  #epoch = 0
  /** `undefined` unless it has failed. */
  #failedAt: number | undefined = undefined
  /** How many requests try whether it works again. */
  #trials = 0
  #isDown = false
  #passes = 0
  #misses = 0

  get name(): NodeStateName {
    if (this.#isDown) return 'down'
    return this.#failedAt === undefined ? 'up' : 'failed'
  }

  /** When it failed last; `undefined` for one that is up. */
  get failedAt(): number | undefined {
    return this.#failedAt
  }

  /** Whether it may be chosen: it is up, or it is time for a trial and none is under way. */
  isUsable(now: number, { failTimeout }: FailureLimits): boolean {
    if (this.#isDown) return false
    return this.#failedAt === undefined || (this.#trials === 0 && now - this.#failedAt >= failTimeout)
  }

  /** Begins a request, and returns what its outcome is reported with. */
  begin(): number {
    this.activeRequests++
    this.totalRequests++
    if (this.#failedAt !== undefined) this.#trials++
    return this.#epoch
  }

  /** Takes the outcome of a request: an error for a failure, `undefined` for a success, `left` where there is none. */
  report(epoch: number, outcome: Error | undefined | 'left', now: number, { maxFails }: FailureLimits): void {
    if (outcome instanceof Error) this.lastError = describeError(outcome)
    if (epoch !== this.#epoch) return
    const isTrial = this.#failedAt !== undefined
    if (isTrial) this.#trials--
    if (outcome === 'left') return
    if (outcome === undefined) return this.#recover()
    this.fails++
    this.#passes = 0
    if (maxFails === 0 || this.fails < maxFails) return
    if (!isTrial) this.#turn()
    this.#failedAt = now
  }

  end(): void {
    this.activeRequests--
  }

  /** Takes what a probe has found. */
  probed(result: ProbeResult, { rise, fall }: ProbeLimits): void {
    this.lastProbe = result
    this.#passes = result.isUp ? this.#passes + 1 : 0
    this.#misses = result.isUp ? 0 : this.#misses + 1
    if (!result.isUp) this.lastError = result.error
    if (this.#misses >= fall) this.#isDown = true
    if (this.#passes < rise) return
    this.#isDown = false
    this.#recover()
  }

  /** It is probed no more: only what becomes of requests counts. */
  forgetProbes(): void {
    this.lastProbe = undefined
    this.#isDown = false
    this.#passes = this.#misses = 0
  }

  #recover(): void {
    this.fails = 0
    if (this.#failedAt === undefined) return
    this.#failedAt = undefined
    this.#turn()
  }

  #turn(): void {
    this.#epoch++
    this.#trials = 0
  }
}

/** An error in one line, with the code where the message lacks it; an `AggregateError` of Node.js has no message. */
export function describeError(error: Error): string {
  const { message } = error
  const { code } = error as { readonly code?: unknown }
  if (typeof code !== 'string' || message.includes(code)) return message || error.name
  return message === '' ? code : `${message} (${code})`
}
