import type { ConfigurationProvider, ConfigurationSink, Verdict } from 'tribind/providers'

/** What a provider published, as the sink saw it. */
export interface Published {
  readonly configuration: unknown
  readonly revision: string | number | undefined
}

/** A sink that keeps what it is told. */
export class RecordedSink implements ConfigurationSink {
  readonly published: Published[] = []
  readonly failures: string[] = []
  alives = 0
  readonly #judge: (configuration: unknown) => Verdict | Promise<Verdict>
  #waiting: (() => void)[] = []

  constructor(judge: (configuration: unknown) => Verdict | Promise<Verdict> = () => ({ applied: true, version: 1 })) {
    this.#judge = judge
  }

  get last(): unknown {
    return this.published.at(-1)?.configuration
  }

  async publish(configuration: unknown, revision?: string | number): Promise<Verdict> {
    this.published.push({ configuration, revision })
    this.#wake()
    return this.#judge(configuration)
  }

  async withdraw(): Promise<Verdict> {
    throw new Error('withdrawn')
  }

  failed(error: Error): void {
    this.failures.push(error.message)
    this.#wake()
  }

  alive(): void {
    this.alives++
    this.#wake()
  }

  /** Resolves when something holds, which is asked at each call of the sink. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Resolves when the next call of the sink is there. */
  async next(what: 'published' | 'failures' | 'alives'): Promise<void> {
    const count = () => (what === 'alives' ? this.alives : this[what].length)
    const before = count()
    await this.until(() => count() > before)
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** A provider at work, stopped after the test. */
export interface Run {
  readonly sink: RecordedSink
  /** Stops it, and resolves when it has ended. */
  stop(): Promise<void>
}

const runs = new Set<Run>()

/** Starts a provider. */
export function run(provider: ConfigurationProvider, sink: RecordedSink = new RecordedSink()): Run {
  const controller = new AbortController()
  const ended = Promise.resolve(provider.provide(sink, controller.signal))
  const started: Run = {
    sink,
    async stop() {
      runs.delete(started)
      controller.abort()
      await ended
    },
  }
  runs.add(started)
  return started
}

/** Starts a provider, and waits until it has published. */
export async function serve(provider: ConfigurationProvider, sink?: RecordedSink): Promise<Run> {
  const started = run(provider, sink)
  await started.sink.until(() => started.sink.published.length > 0)
  return started
}

/** Stops all that run. */
export async function stopAll(): Promise<void> {
  for (const one of runs) await one.stop()
}
