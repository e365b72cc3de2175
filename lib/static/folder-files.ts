import { readdir } from 'node:fs/promises'
import { sep } from 'node:path'
import { describeFile, type FileFacts } from '../http/files/file-facts.ts'
import { isRefusedName, type Located, locateInside } from '../http/files/locate-file.ts'
import type { ListedEntry } from './directory-listing.ts'
import { knownFiles } from './known-files.ts'

/** What was found under a row of names. */
interface Found extends Located {
  /** `undefined` for anything but a file. */
  readonly facts: FileFacts | undefined
}

/** What lies in a folder that is served, each thing by the names that lead to it. */
export class FolderFiles {
  readonly #root: string
  readonly #followSymlinks: boolean
  readonly #isCached: boolean

  /** @param root absolute */
  constructor(root: string, { followSymlinks, cache }: { readonly followSymlinks: boolean; readonly cache: boolean }) {
    this.#root = root
    this.#followSymlinks = followSymlinks
    this.#isCached = cache
  }

  /** Returns what is known for now, without facts where there is no file; `undefined` where the file system must be asked. */
  recall(names: readonly string[]): { readonly facts: FileFacts | undefined } | undefined {
    // A slash in a name would make it the path of another file.
    if (!this.#isCached || names.some(isRefusedName)) return undefined
    return knownFiles.recall(this.#root, this.#pathOf(names), this.#followSymlinks)
  }

  /** Whether it is known for now that nothing is there. */
  isAbsent(names: readonly string[]): boolean {
    const known = this.recall(names)
    return known !== undefined && known.facts === undefined
  }

  /** Asks the file system. @throws HttpError 403 for what this process may not read */
  async look(names: readonly string[]): Promise<Found | undefined> {
    const checkedAt = performance.now()
    const located = await locateInside(this.#root, names, this.#followSymlinks)
    if (located === undefined) return undefined
    const facts = describeFile(located)
    // What a link leads to may lie anywhere, where nothing is watched, and only some folders follow it.
    if (facts === undefined || located.isLinked || !this.#isCached) return { ...located, facts }
    return { ...located, facts: this.#keep(names, facts, checkedAt) }
  }

  /** Lists what can be had of a folder; nothing where there is none. */
  async list(names: readonly string[]): Promise<ListedEntry[]> {
    const folder = await this.look(names)
    if (folder?.stats.isDirectory() !== true) return []
    const entries: ListedEntry[] = []
    for (const child of await readdir(folder.path, { withFileTypes: true })) {
      // Only a link needs a look at whether it is followed, and where it leads.
      const kind = child.isSymbolicLink() ? (await this.look([...names, child.name]))?.stats : child
      if (!isRefusedName(child.name) && (kind?.isFile() || kind?.isDirectory()))
        entries.push({ name: child.name, isFolder: kind.isDirectory() })
    }
    return entries
  }

  /** Keeps that nothing is there, beside one that is: a request must not be able to fill the memory. */
  keepAbsence(names: readonly string[], checkedAt: number): void {
    if (!this.#isCached || names.some(isRefusedName)) return
    this.#keep(names, undefined, checkedAt)
  }

  #keep(names: readonly string[], facts: FileFacts | undefined, checkedAt: number): FileFacts | undefined {
    const path = this.#pathOf(names)
    return knownFiles.keep({ root: this.#root, path, followSymlinks: this.#followSymlinks, facts, checkedAt })
  }

  #pathOf(names: readonly string[]): string {
    return this.#root + sep + names.join(sep)
  }
}
