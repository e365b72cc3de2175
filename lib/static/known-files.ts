import { AsyncLocalStorage } from 'node:async_hooks'
import { sep } from 'node:path'
import type { FileFacts, FileMemory } from '../http/files/file-facts.ts'
import { isSameFile } from '../http/files/read-content.ts'
import { WatchedFolders } from './watched-folders.ts'

/** In milliseconds: how long what is known of a file counts, and how long ago its last change must be. */
const MOMENT = 1000

/** In milliseconds: what wasn't asked for in this time is dropped. */
const IDLE = 10_000

const MAX_FILES = 2000

/** In bytes, of the content of all files together. */
const MAX_BYTES = 32 * 1024 * 1024

/** A timer would keep the context of the request in which it is started. */
const outsideOfRequests = AsyncLocalStorage.snapshot()

/** What was found at a path. */
interface Finding {
  readonly root: string
  readonly path: string
  /** Whether links were followed, without which what they lead to isn't there. */
  readonly followSymlinks: boolean
  /** `undefined` where there is no file. */
  readonly facts: FileFacts | undefined
  /** By `performance.now()`, before the file system was asked. */
  readonly checkedAt: number
}

/**
 * What is known of files that were asked for a moment ago, and the content of small ones.
 *
 * It counts for a second after the file system was asked. A file that has changed less than a second ago isn't kept: the time of
 * a change is too coarse to tell two such versions apart. Number and bytes are limited, and what is no longer asked for is dropped.
 */
export class KnownFiles {
  /** By path; those whose check is longest ago come first. */
  readonly #files = new Map<string, KnownFile>()
  readonly #folders = new WatchedFolders((path, isFolder) => this.#drop(path, isFolder))
  #bytes = 0
  #sweep: NodeJS.Timeout | undefined

  /** Returns what is known for now of a path in a root; `undefined` where the file system must be asked. */
  recall(root: string, path: string, followSymlinks: boolean): Pick<Finding, 'facts'> | undefined {
    const known = this.#files.get(path)
    // From another root, a link that may not be followed could lead to the same path.
    if (known === undefined || known.root !== root || known.followSymlinks !== followSymlinks) return undefined
    return performance.now() - known.checkedAt < MOMENT ? known : undefined
  }

  /** Keeps what was found, unless it has just been changed. Returns the facts, with the content that is kept. */
  keep(finding: Finding): FileFacts | undefined {
    const { root, path, followSymlinks, facts, checkedAt } = finding
    const known = this.#files.get(path)
    if (known?.root === root && known.followSymlinks === followSymlinks && isSame(known.facts, facts)) {
      known.checkedAt = Math.max(known.checkedAt, checkedAt)
      // Behind all others, whose check is longer ago.
      this.#files.delete(path)
      this.#files.set(path, known)
      return known.facts
    }
    this.#forget(path)
    return isSettled(facts) ? this.#add(finding) : facts
  }

  #add(finding: Finding): FileFacts | undefined {
    const { root, path } = finding
    const known = new KnownFile(finding, (bytes) => this.#keepContent(known, bytes))
    this.#files.set(path, known)
    this.#folders.add(root, path)
    if (this.#files.size > MAX_FILES) this.#forgetOldest()
    this.#sweep ??= outsideOfRequests(() => setInterval(() => this.#dropIdle(), IDLE / 2).unref())
    return known.facts
  }

  /** Keeps the content of a file that is still kept. */
  #keepContent(known: KnownFile, bytes: Buffer): void {
    if (this.#files.get(known.path) !== known) return
    known.bytes = bytes
    this.#bytes += bytes.length
    while (this.#bytes > MAX_BYTES) this.#forgetOldest()
  }

  #forget(path: string): void {
    const known = this.#files.get(path)
    if (known === undefined) return
    this.#files.delete(path)
    this.#bytes -= known.bytes?.length ?? 0
    this.#folders.remove(known.root, path)
  }

  #forgetOldest(): void {
    for (const path of this.#files.keys()) return this.#forget(path)
  }

  #drop(changed: string, isFolder: boolean): void {
    this.#forget(changed)
    if (!isFolder) return
    for (const path of this.#files.keys()) if (path.startsWith(changed + sep)) this.#forget(path)
  }

  #dropIdle(): void {
    for (const [path, { checkedAt }] of this.#files) {
      if (performance.now() - checkedAt < IDLE) return
      this.#forget(path)
    }
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}

/** A file that is kept. */
class KnownFile implements FileMemory {
  readonly root: string
  readonly path: string
  readonly followSymlinks: boolean
  readonly facts: FileFacts | undefined
  checkedAt: number
  bytes: Buffer | undefined = undefined
  readonly #keep: (bytes: Buffer) => void

  constructor({ root, path, followSymlinks, facts, checkedAt }: Finding, keep: (bytes: Buffer) => void) {
    this.root = root
    this.path = path
    this.followSymlinks = followSymlinks
    this.facts = facts && { ...facts, memory: this }
    this.checkedAt = checkedAt
    this.#keep = keep
  }

  keep(bytes: Buffer): void {
    if (this.bytes === undefined) this.#keep(bytes)
  }
}

function isSame(a: FileFacts | undefined, b: FileFacts | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameFile(a.stats, b.stats)
}

/** Whether the last change is long enough ago for the next one to have another time. */
function isSettled(facts: FileFacts | undefined): boolean {
  return facts === undefined || Date.now() - Math.max(facts.stats.ctimeMs, facts.stats.mtimeMs) >= MOMENT
}

/** Those of all static folders of this process. */
export const knownFiles: KnownFiles = new KnownFiles()
