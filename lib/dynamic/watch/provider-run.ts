import type { ConfigurationProvider, ConfigurationSink, Verdict } from '../../index.ts'
import { within } from '../../kit.ts'
import { refusal } from './issues.ts'
import type { Lane } from './lane.ts'
import type { Watcher } from './watcher.ts'

/** How long the first restart of a provider that failed waits; each one after it waits twice as long. */
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000
/** How long a reload waits for a provider that it has started again, which may have nothing to publish. */
const NEWS_WAIT_MS = 1000

/** Runs a provider: calls it again where it fails, and passes on what it publishes. */
export class ProviderRun {
  readonly lane: Lane
  readonly #provider: ConfigurationProvider
  readonly #watcher: Watcher
  #run = new AbortController()
  #delay = FIRST_DELAY_MS
  #restarting: NodeJS.Timeout | undefined
  /** Called when the provider has published or failed. */
  #onOutcome: () => void = () => {}

  constructor(provider: ConfigurationProvider, lane: Lane, watcher: Watcher) {
    this.#provider = provider
    this.lane = lane
    this.#watcher = watcher
  }

  start(): void {
    this.#end()
    this.#run = new AbortController()
    void this.#provide(this.#run)
  }

  /** Aborts the provider, and doesn't wait for it. */
  stop(): void {
    this.#end()
    this.#onOutcome()
  }

  /**
   * Makes it read again. Resolves when it has published, and that was applied or refused, or when it has failed; a provider
   * without `reload()` that does neither is not waited for.
   */
  async reload(): Promise<void> {
    this.#watcher.hurry(this.lane)
    try {
      await (this.#provider.reload === undefined ? within(NEWS_WAIT_MS, this.#startAgain()) : this.#provider.reload())
    } catch (error) {
      this.lane.report.failed(error)
    }
    await this.lane.verdict
  }

  #startAgain(): Promise<void> {
    this.#delay = FIRST_DELAY_MS
    this.#onOutcome()
    return new Promise((resolve) => {
      this.#onOutcome = resolve
      this.start()
    })
  }

  #end(): void {
    clearTimeout(this.#restarting)
    this.#run.abort()
  }

  async #provide(run: AbortController): Promise<void> {
    // After that time without a failure, the next one is the first again.
    const steady = setTimeout(() => (this.#delay = FIRST_DELAY_MS), LONGEST_DELAY_MS)
    run.signal.addEventListener('abort', () => clearTimeout(steady), { once: true })
    try {
      await this.#provider.provide(this.#createSink(run.signal), run.signal)
      if (!run.signal.aborted) this.#onOutcome()
    } catch (error) {
      if (!run.signal.aborted) this.#failed(run, error)
    }
  }

  #failed(run: AbortController, error: unknown): void {
    run.abort()
    this.lane.report.failed(error)
    this.#restarting = setTimeout(() => this.start(), this.#delay)
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY_MS)
    this.#onOutcome()
  }

  #createSink(signal: AbortSignal): ConfigurationSink {
    const { lane } = this
    const watcher = this.#watcher
    const settle = async (work: () => Promise<Verdict>): Promise<Verdict> => {
      if (signal.aborted) return refusal(ended)
      const verdict = work()
      this.#onOutcome()
      return verdict
    }
    const unlessAborted = (note: () => void) => {
      if (signal.aborted) return
      note()
      this.#onOutcome()
    }
    return Object.freeze({
      publish: (configuration: unknown, revision?: string | number) =>
        settle(() => watcher.publish(lane, configuration, revision)),
      withdraw: () => settle(() => watcher.withdraw(lane)),
      failed: (error: Error) => unlessAborted(() => lane.report.failed(error)),
      alive: () => unlessAborted(() => lane.report.alive()),
    })
  }
}

const ended = [{ path: '', message: 'the signal of the provider is aborted: what it publishes has no effect' }]
