import type { ConfigurationStatus, Logger, Verdict, HistoryEntry } from '../../index.ts'
import type { Aggregate, Applied, Documents, IssuesByProvider } from '../aggregate.ts'
import { blame } from './issues.ts'
import type { Attempt, Lane } from './lane.ts'
import { type Content, nothing, readContent } from './content.ts'
import type { Gate } from '../../kit.ts'

/** What the contents of all providers are served with. */
export interface ServedParts {
  /** In the order in which they are merged. */
  readonly lanes: readonly Lane[]
  readonly aggregate: Pick<Aggregate, 'apply' | 'check' | 'parts'>
  /** How many versions are kept. */
  readonly history: number
  readonly logger: Logger
  /** Returns the version of the server. */
  readonly serverVersion: () => number
  /** Serves contents in all workers, or in none. `undefined` where the process runs alone. */
  readonly share?: ((contents: SharedContents) => Promise<unknown>) | undefined
}

/** What each provider has, as other processes are sent it. */
type SentContents = readonly Pick<Content & { readonly provider: string }, 'provider' | 'document' | 'revision'>[]

/** The contents of all providers, as other processes are sent them. */
export interface SharedContents {
  readonly contents: SentContents
  /** The version that they were served by. */
  readonly rollbackOf: number | undefined
  /** The version that was brought back and goes on. */
  readonly pinned: number | undefined
}

/** Tells the other workers that contents are refused. */
class RefusedContents extends Error {
  readonly issues: IssuesByProvider

  constructor(issues: IssuesByProvider) {
    super('the configuration is refused')
    this.issues = issues
  }
}

/** The contents of all providers that are served, and those that were. */
export class Served {
  readonly history: History
  readonly #parts: ServedParts
  readonly #pinned: () => number | undefined
  #version = 0
  #appliedAt: number | undefined

  /** @param pinned returns the version that was brought back, and goes on */
  constructor(parts: ServedParts, pinned: () => number | undefined) {
    this.#parts = parts
    this.#pinned = pinned
    this.history = new History(parts.history)
  }

  /** That of the server in which the contents were last changed, or that of now if they never were. */
  get version(): number {
    return this.#version || this.#parts.serverVersion()
  }

  get status(): Omit<ConfigurationStatus, 'pinned' | 'providers'> {
    const { routes, services, middlewares } = structuredClone(this.#parts.aggregate.parts)
    return { version: this.#version, appliedAt: this.#appliedAt, routes, services, middlewares }
  }

  /**
   * Serves contents in the place of those of their providers, and settles them. Returns what is wrong if they are refused: then nothing has
   * changed.
   *
   * @param rollbackOf the version that they were served by
   */
  serve(attempts: readonly Attempt[], rollbackOf?: number): Promise<IssuesByProvider | undefined> {
    const { share } = this.#parts
    return share === undefined ? this.#serve(attempts, rollbackOf) : this.#serveInAll(share, attempts, rollbackOf)
  }

  async #serveInAll(
    share: NonNullable<ServedParts['share']>,
    attempts: readonly Attempt[],
    rollbackOf: number | undefined,
  ): Promise<IssuesByProvider | undefined> {
    try {
      await share({ contents: this.#shared(attempts), rollbackOf, pinned: rollbackOf ?? this.#pinned() })
    } catch (error) {
      const lanes = attempts.map(({ lane }) => lane)
      const { issues } = error as Partial<RefusedContents>
      return issues instanceof Map ? issues : blame(lanes, error)
    }
    for (const attempt of attempts) this.accept(attempt)
    return undefined
  }

  /** Tells the other workers what goes on, also where nothing has changed. */
  async tellWorkers(): Promise<void> {
    if (this.#parts.share !== undefined) await this.serve([])
  }

  /** Serves what one of the workers shares. @throws RefusedContents; what `gate` rejects with */
  async carryOut({ contents, rollbackOf }: SharedContents, gate: Gate): Promise<void> {
    const attempts = contents.flatMap(({ provider, document, revision }) => {
      const lane = this.#parts.lanes.find(({ name }) => name === provider)
      return lane === undefined ? [] : { lane, content: read(document, revision), settle() {} }
    })
    const issues = await this.#serve(attempts, rollbackOf, gate)
    if (issues !== undefined) throw new RefusedContents(issues)
  }

  #shared(attempts: readonly Attempt[]): SentContents {
    return send(this.#contentsWith(attempts))
  }

  async #serve(
    attempts: readonly Attempt[],
    rollbackOf: number | undefined,
    gate?: Gate,
  ): Promise<IssuesByProvider | undefined> {
    const applied = await this.#apply(attempts, gate)
    if (!applied.applied) return applied.issues
    const changed = attempts.filter(({ lane, content }) => lane.served.key !== content.key)
    for (const { lane, content } of attempts) lane.served = content
    for (const { name, report } of this.#parts.lanes) report.remarked(applied.issues.get(name))
    if (applied.isChanged) this.#note(applied.version, changed, rollbackOf)
    for (const attempt of attempts) this.accept(attempt)
    return undefined
  }

  /** Tells that a content is served. */
  accept({ lane, content, settle }: Attempt): void {
    lane.served = content
    if (lane.newest === content) lane.report.accepted()
    const verdict: Verdict = { applied: true, version: this.version }
    settle(verdict)
  }

  /** Returns what would be wrong with contents in the place of those of their providers. */
  async check(attempts: readonly Omit<Attempt, 'settle'>[]): Promise<IssuesByProvider> {
    try {
      return await this.#parts.aggregate.check(this.#documentsWith(attempts))
    } catch (error) {
      return blame(
        attempts.map(({ lane }) => lane),
        error,
      )
    }
  }

  async #apply(attempts: readonly Attempt[], gate: Gate | undefined): Promise<Applied> {
    try {
      return await this.#parts.aggregate.apply(this.#documentsWith(attempts), gate)
    } catch (error) {
      if (gate !== undefined) throw error
      return {
        applied: false,
        issues: blame(
          attempts.map(({ lane }) => lane),
          error,
        ),
      }
    }
  }

  #note(version: number, changed: readonly Attempt[], rollbackOf: number | undefined): void {
    this.#version = version
    this.#appliedAt = Date.now()
    const about = {
      version,
      appliedAt: this.#appliedAt,
      changed: changed.map(({ lane }) => lane.name),
      ...(rollbackOf !== undefined && { rollbackOf }),
    }
    this.history.add(about, new Map(this.#parts.lanes.map(({ name, served }) => [name, served])))
    this.#parts.logger.info('The configuration has changed', { version, providers: about.changed })
  }

  #documentsWith(attempts: readonly Omit<Attempt, 'settle'>[]): Documents {
    const documents = new Map<string, object>()
    for (const [name, { document }] of this.#contentsWith(attempts))
      if (document !== undefined) documents.set(name, document)
    return documents
  }

  #contentsWith(attempts: readonly Omit<Attempt, 'settle'>[]): Contents {
    const contents = new Map(this.#parts.lanes.map(({ name, served }) => [name, served]))
    for (const { lane, content } of attempts) contents.set(lane.name, content)
    return contents
  }
}

function send(contents: Contents): SentContents {
  return Array.from(contents, ([provider, { document, revision }]) => ({ provider, document, revision }))
}

/** Content of another process was read there already. */
function read(document: object | undefined, revision: string | number | undefined): Content {
  const content = document === undefined ? { content: nothing } : readContent(document, revision)
  return 'content' in content ? content.content : nothing
}

/** What each provider had in a version, by its name. */
export type Contents = ReadonlyMap<string, Content>

type About = Omit<HistoryEntry, 'configurations'>

interface Kept {
  readonly entry: HistoryEntry
  readonly contents: Contents
}

/** The latest versions, as other processes are sent them. */
export type SharedHistory = readonly { readonly entry: HistoryEntry; readonly contents: SentContents }[]

/** The latest versions that were served. */
export class History {
  readonly #max: number
  readonly #kept: Kept[] = []

  constructor(max: number) {
    this.#max = max
  }

  /** Lists them, the newest first. */
  list(): readonly HistoryEntry[] {
    return this.#kept.map(({ entry }) => entry)
  }

  contentsOf(version: number): Contents | undefined {
    return this.#kept.find(({ entry }) => entry.version === version)?.contents
  }

  add(about: About, contents: Contents): void {
    this.#kept.unshift(keep(about, contents))
    this.#kept.splice(this.#max)
  }

  get shared(): SharedHistory {
    return this.#kept.map(({ entry, contents }) => ({ entry, contents: send(contents) }))
  }

  /** Adds those of another process, which goes before this one where both have a version. */
  take(shared: SharedHistory): void {
    const theirs = shared.map(({ entry, contents }) =>
      keep(entry, new Map(contents.map(({ provider, document, revision }) => [provider, read(document, revision)]))),
    )
    const versions = new Set(theirs.map(({ entry }) => entry.version))
    const own = this.#kept.filter(({ entry }) => !versions.has(entry.version))
    const all = [...own, ...theirs].toSorted((a, b) => b.entry.version - a.entry.version)
    this.#kept.splice(0, this.#kept.length, ...all.slice(0, this.#max))
  }
}

function keep(about: About, contents: Contents): Kept {
  const documents = Array.from(contents, ([name, { document }]) => [name, document] as const)
  const configurations = Object.fromEntries(documents.filter(([, document]) => document !== undefined))
  const entry = { ...about, changed: Object.freeze(about.changed), configurations: Object.freeze(configurations) }
  return { entry: Object.freeze(entry) as HistoryEntry, contents }
}
