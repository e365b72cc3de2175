import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

interface WrittenFile {
  readonly path: string
  readonly size: number
}

/** The temporary folder of one form, which only the user of the process can enter. Created with the first file. */
export class UploadFolder {
  readonly #parent: string
  readonly #abort = new AbortController()
  readonly #writes: Promise<unknown>[] = []
  #path: Promise<string> | undefined
  #count = 0

  constructor(parent: string) {
    this.#parent = parent
  }

  /** Writes a file. Resolves once it is complete, to its path and its size in bytes. */
  write(source: AsyncIterable<Buffer>): Promise<WrittenFile> {
    const write = this.#write(source)
    this.#writes.push(write.catch(() => {}))
    return write
  }

  /** Cancels all writes and waits until they have ended. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await Promise.all(this.#writes)
  }

  /** Removes it and all that is left in it. */
  async remove(): Promise<void> {
    await this.stop()
    if (this.#path !== undefined) await rm(await this.#path, { recursive: true, force: true, maxRetries: 3 })
  }

  async #write(source: AsyncIterable<Buffer>): Promise<WrittenFile> {
    this.#abort.signal.throwIfAborted()
    // Mode 0700, by the system.
    this.#path ??= mkdtemp(join(this.#parent, 'tribind-'))
    const path = join(await this.#path, String(this.#count++))
    this.#abort.signal.throwIfAborted()
    const file = createWriteStream(path)
    await pipeline(source, file, { signal: this.#abort.signal })
    return { path, size: file.bytesWritten }
  }
}
