import { ConfigError, type ConfigurationIssue, type Logger, type ProviderStatus } from '../../index.ts'

type Issues = readonly ConfigurationIssue[]

const none: Issues = []

/** What is known of a provider besides what it published. Logs each change of its state. */
export class ProviderReport {
  readonly #name: string
  readonly #logger: Logger
  readonly #isServed: () => boolean
  #lastPublishAt: number | undefined
  #lastContactAt: number | undefined
  /** Why its source can't be reached or read. */
  #failure: Error | undefined
  /** Of what it published last, if that was no configuration. */
  #unreadable = none
  /** Of its last configuration, if that was refused. */
  #refusal = none
  /** Of what is served. */
  #remarks = none
  #logged = 'starting'

  /** @param isServed whether something of it is served */
  constructor(name: string, logger: Logger, isServed: () => boolean) {
    this.#name = name
    this.#logger = logger
    this.#isServed = isServed
  }

  get state(): ProviderStatus['state'] {
    if (this.problems.length > 0) return this.#isServed() ? 'stale' : 'failed'
    return this.#lastContactAt === undefined ? 'starting' : 'ok'
  }

  /** Why not all that it has is served. */
  get problems(): Issues {
    return [...this.#unreadable, ...this.#refusal, ...describeFailure(this.#failure)]
  }

  get remarks(): Issues {
    return this.#remarks
  }

  /** Returns a copy. */
  status(revision: string | number | undefined): ProviderStatus {
    return {
      name: this.#name,
      state: this.state,
      revision,
      lastPublishAt: this.#lastPublishAt,
      lastContactAt: this.#lastContactAt,
      issues: structuredClone([...this.problems, ...this.#remarks]),
    }
  }

  alive(): void {
    this.#lastContactAt = Date.now()
    this.#failure = undefined
    this.#log()
  }

  failed(error: unknown): void {
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#log()
  }

  /** It published, or has withdrawn. What becomes of that is told later. @param unreadable what is wrong if that was no configuration */
  published(unreadable: Issues = none): void {
    this.#lastPublishAt = Date.now()
    this.#lastContactAt = this.#lastPublishAt
    this.#failure = undefined
    this.#unreadable = unreadable
    if (unreadable.length > 0) this.#log()
  }

  refused(issues: Issues): void {
    this.#refusal = issues
    this.#log()
  }

  /** Its last configuration is served. */
  accepted(): void {
    this.#refusal = none
    this.#log()
  }

  /** What the configuration served has remarks of. */
  remarked(issues: Issues = none): void {
    this.#remarks = issues
  }

  #log(): void {
    const { state } = this
    // A refusal for another reason is told again, and so is what is wrong in a file; what else a source fails with may differ each time.
    const broken = this.#failure instanceof ConfigError ? describeFailure(this.#failure) : none
    const logged = state + JSON.stringify([this.#unreadable, this.#refusal, broken])
    if (state === 'starting' || logged === this.#logged) return
    this.#logged = logged
    const message = `Provider "${this.#name}" is ${state}`
    if (state === 'ok') this.#logger.info(message)
    else this.#logger.warn(message, { issues: this.problems, ...(this.#failure && { error: this.#failure }) })
  }
}

/** Returns what an error tells: of a file, each issue with its place. */
function describeFailure(error: Error | undefined): Issues {
  if (error === undefined) return none
  if (!(error instanceof ConfigError) || error.issues === undefined) return [{ path: '', message: error.message }]
  return error.issues.map(({ path, source, line, message }) => {
    const place = line === undefined ? source : `${source}:${line}`
    return { path, message: `${place}: ${message}` }
  })
}
