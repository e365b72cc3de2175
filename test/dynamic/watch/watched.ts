import type { ConfigurationIssue, ConfigurationProvider, ConfigurationSink, ServerState } from 'tribind'
import type { ConfigurationParts } from '../../../lib/kit.ts'
import type { Aggregate, Applied, Documents, IssuesByProvider } from '../../../lib/dynamic/aggregate.ts'
import { WatchedConfiguration } from '../../../lib/dynamic/watch/watched-configuration.ts'

/** A document as the stand-in for the aggregate understands it. */
export interface TestDocument {
  readonly is?: string | undefined
  /** What is wrong with it. */
  readonly bad?: string | undefined
  /** A provider that it refers to. */
  readonly needs?: string | undefined
  /** What only one provider may have. */
  readonly owns?: string | undefined
}

/** Stands in for the aggregate: takes as long as it is told, and keeps what it has applied. */
export class TestAggregator implements Pick<Aggregate, 'apply' | 'check' | 'parts'> {
  /** What was served, version by version, as texts such as `a:one b:two`. */
  readonly served: string[] = []
  /** How often it was called. */
  calls = 0
  version = 1
  /** Called after each switch, as a listener of `switched` is. */
  onSwitched: (documents: Documents) => unknown = () => {}
  /** What listeners of `refused` were told. */
  readonly refused: [layer: string, message: string][] = []
  readonly parts = { routes: [], services: [], middlewares: [] }
  #busy: Promise<void> | undefined

  /** Lets all that is applied or checked from now on take until the function that is returned is called. */
  hold(): () => void {
    let release = () => {}
    this.#busy = new Promise((resolve) => (release = resolve))
    return () => {
      this.#busy = undefined
      release()
    }
  }

  async apply(documents: Documents): Promise<Applied> {
    this.calls++
    await this.#busy
    const issues = findIssues(documents)
    if (issues.size > 0) return { applied: false, issues }
    this.version++
    this.served.push(Array.from(documents, ([name, { is }]: [string, TestDocument]) => `${name}:${is}`).join(' '))
    await this.onSwitched(documents)
    return { applied: true, version: this.version, isChanged: true, issues }
  }

  tellRefused(layer: string, { message }: Error): void {
    this.refused.push([layer, message])
  }

  async check(documents: Documents): Promise<IssuesByProvider> {
    await this.#busy
    return findIssues(documents)
  }
}

function findIssues(documents: Documents): IssuesByProvider {
  const issues = new Map<string, ConfigurationIssue[]>()
  const owners = new Set<string>()
  for (const [name, { bad, needs, owns }] of documents as ReadonlyMap<string, TestDocument>) {
    const found: ConfigurationIssue[] = []
    if (bad !== undefined) found.push({ path: 'bad', message: bad })
    if (needs !== undefined && !documents.has(needs)) found.push({ path: 'needs', message: `there is no ${needs}` })
    if (owns !== undefined && owners.has(owns)) found.push({ path: 'owns', message: `${owns} is taken` })
    if (owns !== undefined) owners.add(owns)
    if (found.length > 0) issues.set(name, found)
  }
  return issues
}

/** A provider that the test publishes through. */
export class TestProvider implements ConfigurationProvider {
  readonly name: string
  readonly required: boolean
  sink!: ConfigurationSink
  signal!: AbortSignal

  constructor(name: string, required = false) {
    this.name = name
    this.required = required
  }

  provide(sink: ConfigurationSink, signal: AbortSignal): unknown {
    this.sink = sink
    this.signal = signal
    return undefined
  }

  publish(document: unknown, revision?: string | number): ReturnType<ConfigurationSink['publish']> {
    return this.sink.publish(document, revision)
  }
}

/** A line of the log. */
export interface Logged {
  readonly level: string
  readonly message: string
  readonly fields: Record<string, unknown> | undefined
}

export interface Watched {
  readonly configuration: WatchedConfiguration
  readonly aggregator: TestAggregator
  readonly log: Logged[]
  readonly server: { state: ServerState }
}

/** Watches providers without a server. */
export function watch(providers: readonly ConfigurationProvider[], options: object = {}): Watched {
  const log: Logged[] = []
  const write = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void log.push({ level, message, fields })
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const server = { name: 'test', state: 'ready' as ServerState, logger }
  const aggregator = new TestAggregator()
  const parts = {
    server,
    options: { providers, throttle: 2000, onInvalid: 'refuse', history: 10, readyTimeout: 30_000, ...options },
    layers: () => aggregator,
  } as unknown as ConfigurationParts
  return { configuration: new WatchedConfiguration(parts, providers, aggregator, undefined), aggregator, log, server }
}

/** Waits until all promises that can be settled are. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
