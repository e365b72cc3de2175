import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import type { Logger } from '../../log/logger.ts'
import type { FailureCode } from '../../base/error-codes.ts'
import { ConfigError } from '../../base/errors.ts'
import { type HttpsOptions, pathOf, type Pem } from './https-options.ts'

/** Tools write key and certificate one after the other. */
const SETTLE_MS = 100

/** What key and certificates are for. */
export interface KeyOwner {
  /** For the log. */
  readonly entryPoint: string
  /** The option by its path, such as `entryPoints.web.https`. */
  readonly place: string
  readonly logger: Logger
}

/** The key and certificates of a server. They are read again when their files change, as long as there is a listener. */
export class TlsKeys {
  readonly #options: HttpsOptions
  readonly #owner: KeyOwner
  readonly #listeners = new Set<(pair: KeyPair) => void>()
  readonly #watchers: FSWatcher[] = []
  #timer: NodeJS.Timeout | undefined
  #pair: KeyPair
  /** The message of the error with which the last reading failed. */
  #failure: string | undefined

  private constructor(options: HttpsOptions, owner: KeyOwner, pair: KeyPair) {
    this.#options = options
    this.#owner = owner
    this.#pair = pair
  }

  /** @throws ConfigError naming the option and the file */
  static async load(options: HttpsOptions, owner: KeyOwner): Promise<TlsKeys> {
    return new TlsKeys(options, owner, await readKeyPair(options, owner.place))
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

  /** Returns the folders of the files, since editors and Kubernetes replace files instead of writing to them. */
  #folders(): string[] {
    const { key, cert, ca = [] } = this.#options
    const paths = [key, cert, ...[ca].flat()].map((value) => pathOf(value))
    return [...new Set(paths.filter((path) => path !== undefined).map((path) => dirname(path)))]
  }

  #watch(folder: string): void {
    const { logger, entryPoint } = this.#owner
    const problem = `${folder} can't be watched: a new key or certificate there isn't noticed`
    const tell = (error: unknown) => logger.error(problem, { error, entryPoint })
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
    const { logger, entryPoint, place } = this.#owner
    try {
      const pair = await readKeyPair(this.#options, place)
      this.#failure = undefined
      if (isDeepStrictEqual(pair, this.#pair)) return
      this.#pair = pair
      for (const listener of this.#listeners) listener(pair)
      logger.info('A new key and certificate are in use', { entryPoint })
    } catch (error) {
      const { message } = error as Error
      // A log in a watched folder would cause the next reading, and that the next record.
      if (message === this.#failure) return
      this.#failure = message
      logger.error('A new key or certificate is not used; the old ones stay', { error, entryPoint })
    }
  }
}

/** The settings of TLS connections. All are set again when one changes. */
type KeyPair = Readonly<
  Pick<SecureContextOptions, 'ca' | 'cert' | 'ciphers' | 'key' | 'maxVersion' | 'minVersion' | 'passphrase'>
>

/**
 * Reads key and certificates and checks that they belong together.
 *
 * @throws ConfigError naming the option and the file
 */
async function readKeyPair(options: HttpsOptions, place: string): Promise<KeyPair> {
  const { passphrase, minVersion, maxVersion, ciphers } = options
  const ca = options.ca === undefined ? [] : [options.ca].flat()
  const pair = {
    key: await read(`${place}.key`, options.key),
    cert: await read(`${place}.cert`, options.cert),
    ...(ca.length > 0 && { ca: await Promise.all(ca.map((one: Pem) => read(`${place}.ca`, one))) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ciphers !== undefined && { ciphers }),
  }
  await checkPair(pair, options, place)
  return pair
}

async function read(name: string, value: Pem): Promise<string | Buffer> {
  const path = pathOf(value)
  if (path === undefined) return value
  try {
    return await readFile(path)
  } catch (error) {
    throw fail('ERR_TRIBIND_TLS_FILE', `${describe(name, value)} can't be read`, error)
  }
}

/** Checks key and certificates one by one, because the errors of OpenSSL don't name the one at fault. */
async function checkPair(pair: KeyPair, options: HttpsOptions, place: string): Promise<void> {
  const { createPrivateKey, X509Certificate } = await import('node:crypto')
  const { createSecureContext } = await import('node:tls')
  const { passphrase } = options
  const [keyOption, certOption] = [describe(`${place}.key`, options.key), describe(`${place}.cert`, options.cert)]
  if (holds(pair.key, 'CERTIFICATE') && holds(pair.cert, 'PRIVATE KEY'))
    throw new ConfigError(`${keyOption} is a certificate and ${certOption} a private key: swap them`, {
      failure: 'ERR_TRIBIND_TLS_KEY',
    })
  const key: KeyObject = attempt('ERR_TRIBIND_TLS_KEY', `${keyOption} must be a private key`, () =>
    createPrivateKey({ key: pair.key as string | Buffer, ...(passphrase !== undefined && { passphrase }) }),
  )
  const certificate = attempt(
    'ERR_TRIBIND_TLS_CERTIFICATE',
    `${certOption} must be a certificate`,
    () => new X509Certificate(pair.cert as string | Buffer),
  )
  if (!certificate.checkPrivateKey(key))
    throw new ConfigError(`${keyOption} must belong to ${certOption}, which has another key`, {
      failure: 'ERR_TRIBIND_TLS_MISMATCH',
    })
  for (const [i, ca] of [options.ca ?? []].flat().entries()) {
    const content = (pair.ca as (string | Buffer)[])[i] as string | Buffer
    attempt(
      'ERR_TRIBIND_TLS_CERTIFICATE',
      `${describe(`${place}.ca`, ca)} must be a certificate`,
      () => new X509Certificate(content),
    )
  }
  attempt('ERR_TRIBIND_TLS_OPTIONS', `option "${place}" can't be used`, () => createSecureContext(pair))
}

function attempt<T>(failure: FailureCode, problem: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw fail(failure, problem, error)
  }
}

function fail(failure: FailureCode, problem: string, cause: unknown): ConfigError {
  return new ConfigError(`${problem}: ${reasonOf(cause)}`, { failure, cause })
}

/** Whether a PEM has a block whose label ends with a text. */
function holds(pem: unknown, label: string): boolean {
  return String(pem).includes(`${label}-----`)
}

function describe(name: string, value: Pem): string {
  const path = pathOf(value)
  return `option "${name}"${path === undefined ? '' : ` (${path})`}`
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_MISSING_PASSPHRASE') return 'it is encrypted; set "passphrase" too'
  return message
}
