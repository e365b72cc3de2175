import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** The temporary folder of one form, which nobody else can enter; it is made with the first file. */
export class UploadFolder {
  readonly #parent: string
  readonly #abort = new AbortController()
  readonly #writes: Promise<unknown>[] = []
  #path: Promise<string> | undefined
  #count = 0

  constructor(parent: string) {
    this.#parent = parent
  }

  /** Writes a file; resolves to its path once it is complete. */
  write(source: Readable): Promise<string> {
    const write = this.#write(source)
    this.#writes.push(write.catch(() => {}))
    return write
  }

  /** Ends what is being written, and waits until nobody writes any more. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await Promise.all(this.#writes)
  }

  /** Removes it and all that is left in it. */
  async remove(): Promise<void> {
    await this.stop()
    if (this.#path !== undefined) await rm(await this.#path, { recursive: true, force: true, maxRetries: 3 })
  }

  async #write(source: Readable): Promise<string> {
    // Before anything is awaited: a source that fails meanwhile must not end the process.
    source.on('error', () => {})
    this.#abort.signal.throwIfAborted()
    // Mode 0700, by the system.
    this.#path ??= mkdtemp(join(this.#parent, 'tribind-'))
    const path = join(await this.#path, String(this.#count++))
    this.#abort.signal.throwIfAborted()
    await pipeline(source, createWriteStream(path), { signal: this.#abort.signal })
    return path
  }
}
