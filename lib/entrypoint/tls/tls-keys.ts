import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from '../../log/logger.ts'
import { type HttpsOptions, pathOf } from './https-options.ts'
import { type KeyPair, readKeyPair } from './read-key-pair.ts'

/** Tools write key and certificate one after the other. */
const SETTLE_MS = 100

/** Key and certificates of a server, read again when their files change, as long as there is a listener. */
export class TlsKeys {
  readonly #options: HttpsOptions
  readonly #logger: Logger
  readonly #listeners = new Set<(pair: KeyPair) => void>()
  readonly #watchers: FSWatcher[] = []
  #timer: NodeJS.Timeout | undefined
  #pair: KeyPair
  /** Why the last reading failed. */
  #failure: string | undefined

  private constructor(options: HttpsOptions, logger: Logger, pair: KeyPair) {
    this.#options = options
    this.#logger = logger
    this.#pair = pair
  }

  /** @throws ConfigError naming the option and the file */
  static async load(options: HttpsOptions, logger: Logger): Promise<TlsKeys> {
    return new TlsKeys(options, logger, await readKeyPair(options))
  }

  get pair(): KeyPair {
    return this.#pair
  }

  /** Calls a function with every new pair, until the returned function is called. */
  onChange(listener: (pair: KeyPair) => void): () => void {
    if (this.#listeners.size === 0) for (const folder of this.#folders()) this.#watch(folder)
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      clearTimeout(this.#timer)
      for (const watcher of this.#watchers.splice(0)) watcher.close()
    }
  }

  /** Of files, since editors and Kubernetes put others in their place instead of writing to them. */
  #folders(): string[] {
    const { key, cert, ca = [] } = this.#options
    const paths = [key, cert, ...[ca].flat()].map((value) => pathOf(value))
    return [...new Set(paths.filter((path) => path !== undefined).map((path) => dirname(path)))]
  }

  #watch(folder: string): void {
    const tell = (error: unknown) =>
      this.#logger.error(`${folder} can't be watched: a new key or certificate there isn't noticed`, { error })
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#readAgainSoon())
      this.#watchers.push(watcher.on('error', tell))
    } catch (error) {
      // The system may have run out of watchers.
      tell(error)
    }
  }

  #readAgainSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#readAgain(), SETTLE_MS).unref()
  }

  async #readAgain(): Promise<void> {
    try {
      const pair = await readKeyPair(this.#options)
      this.#failure = undefined
      if (isDeepStrictEqual(pair, this.#pair)) return
      this.#pair = pair
      for (const listener of this.#listeners) listener(pair)
      this.#logger.info('A new key and certificate are in use')
    } catch (error) {
      const { message } = error as Error
      // A log that lies in a watched folder would bring about the next reading, and that the next record.
      if (message === this.#failure) return
      this.#failure = message
      this.#logger.error('A new key or certificate is not used; the old ones stay', { error })
    }
  }
}
