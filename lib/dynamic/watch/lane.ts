import type { ConfigurationProvider, Logger, Verdict } from '../../index.ts'
import { type Content, nothing } from './content.ts'
import { ProviderReport } from './provider-report.ts'

/** A content that is to be served. */
export interface Attempt {
  readonly lane: Lane
  readonly content: Content
  /** Tells the provider. */
  readonly settle: (verdict: Verdict) => void
}

/** What the watcher keeps of a provider: a slot for its newest content, and what is served of it. */
export class Lane {
  readonly name: string
  readonly isRequired: boolean
  readonly report: ProviderReport
  /** What it has published last, also if that was refused. */
  newest: Content = nothing
  served: Content = nothing
  /** On what it has published last. */
  verdict: Promise<Verdict> | undefined
  readonly #throttle: number
  #waiting: Attempt | undefined
  #rest: NodeJS.Timeout | undefined

  constructor({ name, required = false }: ConfigurationProvider, throttle: number, logger: Logger) {
    this.name = name
    this.isRequired = required
    this.#throttle = throttle
    this.report = new ProviderReport(name, logger, () => this.served.document !== undefined)
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /** Whether what waits may be applied now. */
  get isDue(): boolean {
    return this.#waiting !== undefined && this.#rest === undefined
  }

  /** Whether its newest content isn't served. */
  get isBehind(): boolean {
    return this.newest.key !== this.served.key
  }

  /** Fills the slot. What waited there is superseded. */
  put(content: Content): Promise<Verdict> {
    this.settle({ applied: false, superseded: true })
    this.newest = content
    this.verdict = new Promise((settle) => (this.#waiting = { lane: this, content, settle }))
    return this.verdict
  }

  /** Settles what waits in the slot, if anything. */
  settle(verdict: Verdict): void {
    this.#waiting?.settle(verdict)
    this.#waiting = undefined
  }

  /** Empties the slot; if it is empty, the newest content is to be tried once more. */
  take(): Attempt {
    const attempt = this.#waiting ?? { lane: this, content: this.newest, settle() {} }
    this.#waiting = undefined
    return attempt
  }

  /** Fills the slot with what was taken, unless something newer waits there. */
  putBack(attempt: Attempt): void {
    if (this.#waiting === undefined) this.#waiting = attempt
    else attempt.settle({ applied: false, superseded: true })
  }

  /** Lets what is published from now on wait for `throttle`, then calls the function. */
  rest(onOver: () => void): void {
    this.hurry()
    if (this.#throttle === 0) return
    this.#rest = setTimeout(() => {
      this.#rest = undefined
      onOver()
    }, this.#throttle)
  }

  /** Lets what is published wait no more. */
  hurry(): void {
    clearTimeout(this.#rest)
    this.#rest = undefined
  }
}
