import { AsyncLocalStorage } from 'node:async_hooks'
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'

/** How many folders are watched at a time; in others, nothing is told. */
const MAX_FOLDERS = 500

/** A watcher would keep the context of the request in which it is created. */
const outsideOfRequests = AsyncLocalStorage.snapshot()

interface WatchedFolder {
  readonly watcher: FSWatcher | undefined
  /** How many files of it, and of folders in it, are kept. */
  uses: number
}

/** Tells of what changes in the folders that lead from a root to files. */
export class WatchedFolders {
  readonly #folders = new Map<string, WatchedFolder>()
  readonly #changed: (path: string, isFolder: boolean) => void

  /** @param changed called with the path of what has changed, which may be gone, and whether all below it has */
  constructor(changed: (path: string, isFolder: boolean) => void) {
    this.#changed = changed
  }

  /** Watches the folders of a file, from the root on. */
  add(root: string, path: string): void {
    for (const folder of foldersOf(root, path)) {
      const known = this.#folders.get(folder)
      if (known !== undefined) known.uses++
      else this.#folders.set(folder, { watcher: this.#watch(folder), uses: 1 })
    }
  }

  /** Takes back what `add` did. */
  remove(root: string, path: string): void {
    for (const folder of foldersOf(root, path)) {
      const known = this.#folders.get(folder)
      if (known === undefined || --known.uses > 0) continue
      known.watcher?.close()
      this.#folders.delete(folder)
    }
  }

  /** `undefined` where the system doesn't let it: what is kept is then checked after its time alone. */
  #watch(folder: string): FSWatcher | undefined {
    // Windows doesn't let a folder be renamed or removed that is watched.
    if (sep === '\\' || this.#folders.size >= MAX_FOLDERS) return undefined
    try {
      const watcher = outsideOfRequests(() => watch(folder, { persistent: false }))
      return watcher
        .on('change', (_event, name) => this.#tell(folder, name === null ? undefined : String(name)))
        .on('error', () => watcher.close())
    } catch {
      return undefined
    }
  }

  #tell(folder: string, name: string | undefined): void {
    // A folder that is moved or removed is told of under its own name.
    if (name === undefined || name === basename(folder)) this.#changed(folder, true)
    if (name === undefined) return
    const path = join(folder, name)
    this.#changed(path, this.#folders.has(path))
  }
}

function foldersOf(root: string, path: string): string[] {
  const folders = [root]
  for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) folders.push(folder)
  return folders
}
