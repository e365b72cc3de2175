import { copyFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ignoreRejection } from '../../base/in-turn.ts'

/** What is known of a file that was uploaded. */
export interface UploadFileParts {
  name: string
  filename: string
  type: string
  size: number
  path: string
}

/** A file that came with a form. It is temporary: it is removed before `AfterClose`, unless it is saved. */
export class UploadFile {
  /** Of the field it came in. */
  readonly name: string
  /** As the client calls it, reduced to a base name that is safe in any folder. */
  readonly filename: string
  /** As the client says; the content isn't checked. */
  readonly type: string
  /** In bytes. */
  readonly size: number
  #path: string
  #isSaved = false

  /** @internal */
  constructor({ name, filename, type, size, path }: UploadFileParts) {
    this.name = name
    this.filename = filename
    this.type = type
    this.size = size
    this.#path = path
  }

  /** The path of the file; the first `save` changes it. */
  get path(): string {
    return this.#path
  }

  /**
   * Moves the file; once it is saved, further calls make copies. A file that is there is replaced.
   *
   * @param to a file, or a folder that exists, in which it is called `filename`
   * @returns the path of what was saved
   */
  save(to: string): Promise<string> {
    return ignoreRejection(this.#save(to))
  }

  async #save(to: string): Promise<string> {
    const target = (await isFolder(to)) ? join(to, this.filename) : to
    if (this.#isSaved) await copyFile(this.#path, target)
    else await move(this.#path, target)
    if (!this.#isSaved) this.#path = target
    this.#isSaved = true
    return target
  }

  toJSON(): Omit<UploadFileParts, 'path'> {
    const { name, filename, type, size } = this
    return { name, filename, type, size }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    // Another file system.
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await copyFile(from, to)
    await rm(from, { force: true })
  }
}
