import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import type { Logger } from '../../log/logger.ts'
import { ConfigError } from '../../base/errors.ts'
import { type HttpsOptions, pathOf, type Pem } from './https-options.ts'

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

/** What TLS connections are made with; all of it is given anew when it changes. */
type KeyPair = Readonly<
  Pick<SecureContextOptions, 'ca' | 'cert' | 'ciphers' | 'key' | 'maxVersion' | 'minVersion' | 'passphrase'>
>

/**
 * Reads key and certificates and checks that they belong together.
 *
 * @throws ConfigError naming the option and the file
 */
async function readKeyPair(options: HttpsOptions): Promise<KeyPair> {
  const { passphrase, minVersion, maxVersion, ciphers } = options
  const ca = options.ca === undefined ? [] : [options.ca].flat()
  const pair = {
    key: await read('key', options.key),
    cert: await read('cert', options.cert),
    ...(ca.length > 0 && { ca: await Promise.all(ca.map((one: Pem) => read('ca', one))) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ciphers !== undefined && { ciphers }),
  }
  await checkPair(pair, options)
  return pair
}

async function read(name: 'ca' | 'cert' | 'key', value: Pem): Promise<string | Buffer> {
  const path = pathOf(value)
  if (path === undefined) return value
  try {
    return await readFile(path)
  } catch (error) {
    throw new ConfigError(`${place(name, value)} can't be read: ${reasonOf(error)}`, { cause: error })
  }
}

/** OpenSSL says little about what is wrong, and nothing about where. */
async function checkPair(pair: KeyPair, options: HttpsOptions): Promise<void> {
  const { createPrivateKey, X509Certificate } = await import('node:crypto')
  const { createSecureContext } = await import('node:tls')
  const { passphrase } = options
  const key: KeyObject = attempt(`${place('key', options.key)} is no private key that can be read`, () =>
    createPrivateKey({ key: pair.key as string | Buffer, ...(passphrase !== undefined && { passphrase }) }),
  )
  const certificate = attempt(
    `${place('cert', options.cert)} is no certificate`,
    () => new X509Certificate(pair.cert as string | Buffer),
  )
  if (!certificate.checkPrivateKey(key))
    throw new ConfigError(`${place('key', options.key)} doesn't belong to ${place('cert', options.cert)}`)
  for (const [i, ca] of [options.ca ?? []].flat().entries()) {
    const content = (pair.ca as (string | Buffer)[])[i] as string | Buffer
    attempt(`${place('ca', ca)} is no certificate`, () => new X509Certificate(content))
  }
  attempt('option "https" can\'t be used', () => createSecureContext(pair))
}

function attempt<T>(failure: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new ConfigError(`${failure}: ${reasonOf(error)}`, { cause: error })
  }
}

function place(name: string, value: Pem): string {
  const path = pathOf(value)
  return `option "https.${name}"${path === undefined ? '' : ` (${path})`}`
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_MISSING_PASSPHRASE') return 'it is encrypted; give option "https.passphrase"'
  return message
}
