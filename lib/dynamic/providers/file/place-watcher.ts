import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Places } from './places-of.ts'
import { isVisibleDocument } from './read-folder.ts'

interface Watched {
  readonly watcher: FSWatcher
  /** Of what is watched: there may be another one at its place by now. */
  readonly id: string
  names: ReadonlySet<string>
}

/** Watches places, as long as they are where they were. */
export class PlaceWatcher {
  readonly #watched = new Map<string, Watched>()
  readonly #onChange: () => void
  readonly #onFailure: (place: string, error: Error) => void

  /** @param onFailure called where a place can't be watched */
  constructor(onChange: () => void, onFailure: (place: string, error: Error) => void) {
    this.#onChange = onChange
    this.#onFailure = onFailure
  }

  /** Watches these places and no others. What is at a place anew is watched anew. */
  async follow(places: Places): Promise<void> {
    for (const place of this.#watched.keys()) if (!places.has(place)) this.#drop(place)
    for (const [place, names] of places) {
      const id = await identify(place)
      const watched = this.#watched.get(place)
      if (watched !== undefined && watched.id === id) watched.names = names
      else this.#watch(place, id, names)
    }
  }

  close(): void {
    for (const place of this.#watched.keys()) this.#drop(place)
  }

  #watch(place: string, id: string | undefined, names: ReadonlySet<string>): void {
    this.#drop(place)
    if (id === undefined) return
    try {
      const watcher = watch(place, { persistent: false }, (event, name) => this.#hear(place, event, name))
      watcher.on('error', (error) => {
        this.#drop(place)
        this.#onFailure(place, error)
      })
      this.#watched.set(place, { watcher, id, names })
    } catch (error) {
      // What has gone meanwhile is seen at the next look.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#onFailure(place, error as Error)
    }
  }

  #hear(place: string, event: string, name: string | null): void {
    const { names } = this.#watched.get(place) ?? {}
    const isOwn = name === basename(place)
    if (name !== null && !isOwn && !names?.has(name) && !isVisibleDocument(name)) return
    // It may be the place itself that was moved or removed, which another one with the same inode can follow.
    if (isOwn && event === 'rename') this.#drop(place)
    this.#onChange()
  }

  #drop(place: string): void {
    const watched = this.#watched.get(place)
    this.#watched.delete(place)
    watched?.watcher.close()
  }
}

async function identify(place: string): Promise<string | undefined> {
  const stats = await stat(place, { bigint: true }).catch(() => undefined)
  return stats && `${stats.dev}:${stats.ino}`
}
