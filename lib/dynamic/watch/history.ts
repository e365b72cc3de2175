import type { HistoryEntry } from '../../index.ts'
import type { Content } from './content.ts'

/** What each provider had in a version, by its name. */
export type Contents = ReadonlyMap<string, Content>

interface Kept {
  readonly entry: HistoryEntry
  readonly contents: Contents
}

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

  add(about: Omit<HistoryEntry, 'configurations'>, contents: Contents): void {
    const documents = Array.from(contents, ([name, { document }]) => [name, document] as const)
    const configurations = Object.fromEntries(documents.filter(([, document]) => document !== undefined))
    const entry = { ...about, changed: Object.freeze(about.changed), configurations: Object.freeze(configurations) }
    this.#kept.unshift({ entry: Object.freeze(entry) as HistoryEntry, contents })
    this.#kept.splice(this.#max)
  }
}
