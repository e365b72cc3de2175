import { AsyncResource } from 'node:async_hooks'
import { ConfigError, type ConfigurationStatus, type HistoryEntry, type OnInvalid, type Verdict } from '../../index.ts'
import type { IssuesByProvider } from '../aggregate.ts'
import { type Content, nothing, readContent } from './content.ts'
import { type Issues, issuesOf, refusal, refusedRollback, stopped } from './issues.ts'
import type { Attempt, Lane } from './lane.ts'
import { Served, type ServedParts, type SharedContents, type SharedHistory } from './served.ts'
import type { Gate } from '../../kit.ts'

/** What a watcher is made with. */
export interface WatcherParts extends ServedParts {
  readonly onInvalid: OnInvalid
  /** Is told once of each configuration that is refused. */
  readonly onRefused: (provider: string, issues: Issues) => void
}

/**
 * Serves what providers publish. Its rules:
 *
 * 1. Each provider has a slot of one. The newest content wins; what waited there is superseded.
 * 2. The first content goes on at once, then at most one per `throttle`, and the last one always.
 * 3. One is applied at a time. After it, the contents of all providers that are due go on together, as one version.
 * 4. If they are refused together, each is tried alone, and what is served of the others goes on. What was refused is tried again with
 *    the next change of another provider, so that the order of arrival decides nothing.
 * 5. A content that equals the one served makes no version. What is empty or can't be copied changes nothing.
 * 6. Nothing is applied before all required providers have published. The first contents are applied together.
 * 7. After a rollback, what is published is held back until `resume`.
 *
 * It keeps time with timers alone: a clock that jumps changes nothing.
 */
export class Watcher {
  readonly #lanes: readonly Lane[]
  readonly #onInvalid: OnInvalid
  readonly #onRefused: WatcherParts['onRefused']
  /** What `onRefused` was told of: it is tried again and again. */
  readonly #told = new WeakSet<Content>()
  readonly #served: Served
  /** Content is published inside of requests and of builds of layers too, of which applying it is no part. */
  readonly #outside = new AsyncResource('tribind.configuration')
  /** What was asked for, each in a turn of its own. */
  readonly #asked: (() => Promise<void>)[] = []
  #isWorking = false
  #working: Promise<void> | undefined
  /** Whether the first contents are served. */
  #isOpen = false
  #hasNews = false
  #hasBegun = false
  #onOpen: () => void = () => {}
  /** The version that was brought back. */
  #pinned: number | undefined
  #isStopped = false

  /** Resolves when the first contents are served: of all required providers, and of others what was published by then. */
  readonly whenOpen: Promise<void> = new Promise((resolve) => (this.#onOpen = resolve))

  constructor(parts: WatcherParts) {
    this.#lanes = parts.lanes
    this.#onInvalid = parts.onInvalid
    this.#onRefused = parts.onRefused
    this.#served = new Served(parts, () => this.#pinned)
  }

  get isPinned(): boolean {
    return this.#pinned !== undefined
  }

  get history(): readonly HistoryEntry[] {
    return this.#served.history.list()
  }

  /** The history, as other workers are sent it. */
  get sharedHistory(): SharedHistory {
    return this.#served.history.shared
  }

  /** Adds what another worker has served before this one. */
  takeHistory(shared: SharedHistory): void {
    this.#served.history.take(shared)
  }

  get status(): ConfigurationStatus {
    const { version, appliedAt, ...parts } = this.#served.status
    const providers = this.#lanes.map(({ report, served }) => report.status(served.revision))
    return { version, appliedAt, pinned: this.isPinned, providers, ...parts }
  }

  /** Applies what has been published by now, together, and all that follows. */
  begin(): void {
    this.#hasBegun = true
    this.#hasNews = true
    this.#work()
  }

  /** Never rejects. */
  async publish(lane: Lane, configuration: unknown, revision?: string | number): Promise<Verdict> {
    const read = readContent(configuration, revision)
    if ('content' in read) return this.#put(lane, read.content)
    lane.report.published(read.issues)
    return refusal(read.issues)
  }

  /** Never rejects. */
  async withdraw(lane: Lane): Promise<Verdict> {
    return this.#put(lane, nothing)
  }

  /** Returns what would be wrong with a configuration in the place of that of a provider. */
  async check(lane: Lane, configuration: unknown): Promise<Issues> {
    const read = readContent(configuration)
    if ('issues' in read) return structuredClone(read.issues)
    return structuredClone(issuesOf(lane, this.#lanes, await this.#served.check([{ lane, content: read.content }])))
  }

  /**
   * Serves what the worker that runs the providers shares with all.
   *
   * @param isOwn whether this is that worker
   */
  async carryOut(shared: SharedContents, gate: Gate, isOwn: boolean): Promise<void> {
    await this.#served.carryOut(shared, gate)
    if (isOwn) return
    this.#pinned = shared.pinned
    for (const lane of this.#lanes) {
      if (lane.newest.key !== lane.served.key) lane.report.published()
      lane.newest = lane.served
    }
  }

  /** Serves an older version as a new one. @throws ConfigError if there is none, or if it is refused */
  rollback(version: number): Promise<{ readonly version: number }> {
    return this.#inTurn(async () => {
      const contents = this.#served.history.contentsOf(version)
      if (contents === undefined) throw this.#unknownVersion(version)
      const attempts = this.#lanes.map((lane) => ({ lane, content: contents.get(lane.name) ?? nothing, settle() {} }))
      const issues = await this.#served.serve(attempts, version)
      if (issues !== undefined) throw refusedRollback(version, issues)
      this.#pinned = version
      return { version: this.#served.version }
    })
  }

  /** Serves the newest contents of all providers. */
  resume(): Promise<void> {
    return this.#inTurn(async () => {
      this.#pinned = undefined
      await this.#applyEach(this.#lanes.filter(({ isBehind }) => isBehind).map((lane) => lane.take()))
      await this.#served.tellWorkers()
    })
  }

  /** Lets what a provider has published, or publishes next, wait no more. */
  hurry(lane: Lane): void {
    lane.hurry()
    this.#work()
  }

  /** Refuses what waits. Resolves when what is being applied has come to its end. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const lane of this.#lanes) {
      lane.hurry()
      lane.settle(refusal(stopped))
    }
    await this.#working
  }

  #put(lane: Lane, content: Content): Promise<Verdict> | Verdict {
    if (this.#isStopped) return refusal(stopped)
    lane.report.published()
    const verdict = lane.put(content)
    this.#hasNews = true
    this.#work()
    return verdict
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#asked.push(() => work().then(resolve, reject))
      this.#work()
    })
  }

  /** Takes one turn after another, until there is nothing to do. */
  #work(): void {
    if (this.#isWorking) return
    this.#isWorking = true
    this.#working = this.#outside.runInAsyncScope(() => this.#takeTurns())
  }

  async #takeTurns(): Promise<void> {
    for (let turn = this.#nextTurn(); turn !== undefined; turn = this.#nextTurn()) await turn()
    this.#isWorking = false
  }

  #nextTurn(): (() => Promise<void>) | undefined {
    const asked = this.#asked.shift()
    if (asked !== undefined || this.#isStopped) return asked
    this.#settleSome()
    if (!this.#isOpen) return this.#hasBegun && this.#hasNews ? () => this.#applyFirst() : undefined
    const due = this.#lanes.filter(({ isDue }) => isDue)
    return due.length > 0 ? () => this.#apply(due) : undefined
  }

  /** Settles what needs no turn: what is served already, and what is held back. */
  #settleSome(): void {
    const waiting = this.#lanes.filter(({ isWaiting }) => isWaiting)
    for (const lane of waiting) {
      if (!lane.isBehind) this.#served.accept(lane.take())
      else if (this.#pinned !== undefined) refuse(lane.take(), heldBack(this.#pinned))
    }
  }

  /** Those whose newest content was refused. */
  get #refused(): readonly Lane[] {
    return this.#lanes.filter(({ isBehind, isWaiting }) => isBehind && !isWaiting)
  }

  /** Applies what is due, with what was refused before. */
  async #apply(due: readonly Lane[]): Promise<void> {
    await this.#applyEach([...due, ...this.#refused].map((lane) => lane.take()))
    this.#rest(due)
  }

  /** Applies all together, or else each that can be. */
  async #applyEach(attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length === 0) return
    const together = await this.#served.serve(attempts)
    if (together === undefined) return
    const left = [...attempts]
    const reasons = new Map(left.map((attempt) => [attempt, together]))
    for (let tries = left.length > 1 ? left.length : 0; tries > 0 && !this.#isStopped; tries--) {
      const attempt = left.shift() as Attempt
      const issues = await this.#served.serve([attempt])
      if (issues !== undefined) left.push(attempt)
      if (issues !== undefined) reasons.set(attempt, issues)
      // What was refused without it may be possible now.
      else tries = left.length + 1
    }
    for (const attempt of left) this.#refuse(attempt, reasons.get(attempt) ?? together)
  }

  /** Before the first contents are served: what is wrong is told, and the others wait for those that are missing. */
  async #applyFirst(): Promise<void> {
    this.#hasNews = false
    const isComplete = this.#lanes.every(({ isRequired, newest }) => !isRequired || newest !== nothing)
    const attempts = this.#lanes.filter(({ newest }) => newest !== nothing).map((lane) => lane.take())
    const left = await (isComplete ? this.#applyTogether(attempts) : this.#refuseEarly(attempts))
    for (const attempt of left) {
      attempt.lane.putBack(attempt)
      if (this.#isStopped) attempt.lane.settle(refusal(stopped))
    }
  }

  /** Applies contents together, without those that are wrong and not required. Returns those that wait for a required one. */
  async #applyTogether(attempts: readonly Attempt[]): Promise<readonly Attempt[]> {
    const issues = attempts.length > 0 ? await this.#served.serve(attempts) : undefined
    if (issues === undefined) {
      // What was wrong beside others may be right without them.
      await this.#applyEach(this.#refused.map((lane) => lane.take()))
      this.#open(attempts)
      return []
    }
    const named = attempts.filter(({ lane }) => issues.has(lane.name))
    const wrong = named.length > 0 ? named : attempts
    for (const attempt of wrong) this.#refuse(attempt, issues)
    const left = attempts.filter((attempt) => !wrong.includes(attempt))
    return this.#isStopped || wrong.some(({ lane }) => lane.isRequired) ? left : this.#applyTogether(left)
  }

  /** Tells what is wrong before all have published. Under `isolate`, nothing is. */
  async #refuseEarly(attempts: readonly Attempt[]): Promise<readonly Attempt[]> {
    if (this.#onInvalid === 'isolate') return attempts
    const issues = await this.#served.check(attempts)
    const isWrong = ({ lane }: Attempt) => issues.has(lane.name)
    for (const attempt of attempts.filter(isWrong)) this.#refuse(attempt, issues)
    return attempts.filter((attempt) => !isWrong(attempt))
  }

  #open(attempts: readonly Attempt[]): void {
    this.#isOpen = true
    this.#rest(attempts.map(({ lane }) => lane))
    this.#onOpen()
  }

  #rest(lanes: readonly Lane[]): void {
    if (!this.#isStopped) for (const lane of lanes) lane.rest(() => this.#work())
  }

  #refuse(attempt: Attempt, issues: IssuesByProvider): void {
    const { lane, content } = attempt
    const found = issuesOf(lane, this.#lanes, issues)
    const reasons = found.length > 0 ? found : unexplained
    refuse(attempt, reasons)
    if (this.#told.has(content)) return
    if (content !== nothing) this.#told.add(content)
    this.#onRefused(lane.name, reasons)
  }

  #unknownVersion(version: number): ConfigError {
    const known = this.history.map((entry) => entry.version)
    const there = known.length === 0 ? 'it has none yet' : `it has ${known.join(', ')}`
    return new ConfigError(`rollback: the history has no version ${version}: ${there}`, {
      failure: 'ERR_TRIBIND_CONFIGURATION_VERSION',
    })
  }
}

function refuse({ lane, settle }: Attempt, issues: Issues): void {
  lane.report.refused(issues)
  settle(refusal(issues))
}

const unexplained: Issues = [{ path: '', message: 'refused, and no reason was told' }]

function heldBack(version: number): Issues {
  return [{ path: '', message: `held back, since version ${version} was brought back: resume() serves it` }]
}
