import type { ConfigurationProvider, ConfigurationSink, Verdict } from 'tribind/providers'

/** Takes what a provider publishes, and keeps it. */
export class RecordingSink implements ConfigurationSink {
  readonly published: { readonly configuration: unknown; readonly revision: string | number | undefined }[] = []
  readonly failures: Error[] = []
  withdrawals = 0
  /** Whether what was told last is that the source was reached. */
  isAlive = false
  /** How often that was told. */
  contacts = 0
  /** What each configuration is answered with. */
  verdict: Verdict | undefined
  readonly #waiting = new Set<() => void>()

  publish(configuration: unknown, revision?: string | number): Promise<Verdict> {
    this.published.push({ configuration, revision })
    this.#look()
    return Promise.resolve(this.verdict ?? { applied: true, version: this.published.length })
  }

  withdraw(): Promise<Verdict> {
    this.withdrawals++
    return Promise.resolve({ applied: true, version: 0 })
  }

  failed(error: Error): void {
    this.isAlive = false
    this.failures.push(error)
    this.#look()
  }

  alive(): void {
    this.isAlive = true
    this.contacts++
    this.#look()
  }

  get newest(): unknown {
    return this.published.at(-1)?.configuration
  }

  get messages(): readonly string[] {
    return this.failures.map(({ message }) => message)
  }

  /** Resolves when it is true after something was told. */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    let check = () => {}
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        const told = () => JSON.stringify({ published: this.published.length, messages: this.messages })
        timer = setTimeout(() => reject(new Error(`waited in vain until ${what}; told was ${told()}`)), 15_000)
        check = () => {
          if (isTrue()) resolve()
        }
        this.#waiting.add(check)
        check()
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(check)
    }
  }

  #look(): void {
    for (const check of this.#waiting) check()
  }
}

/** Lets a provider publish into a new sink. @returns also what ends it, and resolves when it has ended */
export function follow(
  provider: ConfigurationProvider,
  sink = new RecordingSink(),
): { sink: RecordingSink; end: () => Promise<void> } {
  const aborting = new AbortController()
  const ended = Promise.resolve(provider.provide(sink, aborting.signal)) as Promise<unknown>
  return {
    sink,
    async end() {
      aborting.abort(new Error('the test is over'))
      await ended
    },
  }
}
