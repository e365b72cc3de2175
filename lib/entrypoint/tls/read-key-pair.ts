import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import { ConfigError } from '../../base/errors.ts'
import { type HttpsOptions, pathOf, type Pem } from './https-options.ts'

/** What TLS connections are made with; all of it is given anew when it changes. */
export type KeyPair = Readonly<
  Pick<SecureContextOptions, 'ca' | 'cert' | 'ciphers' | 'key' | 'maxVersion' | 'minVersion' | 'passphrase'>
>

/**
 * Reads key and certificates and checks that they belong together.
 *
 * @throws ConfigError naming the option and the file
 */
export async function readKeyPair(options: HttpsOptions): Promise<KeyPair> {
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
