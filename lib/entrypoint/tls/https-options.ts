import type { SecureVersion } from 'node:tls'
import { ConfigError } from '../../base/errors.ts'
import { type Check, checkFields, type Checks, flag, isText, text } from '../../options/option-checks.ts'

/** A PEM by its content, which begins with `-----BEGIN`, or by the path of its file, which is watched. */
export type Pem = string | Buffer

/** How TLS is spoken: the options of `node:tls` that matter to a server, under their names and with their defaults there. */
export interface HttpsOptions {
  /** The private key. */
  key: Pem
  /** The certificate, followed by those between it and its root. */
  cert: Pem
  /** What certificates of clients are checked against. Default: the roots that Node.js knows. */
  ca?: Pem | readonly Pem[]
  /** Of an encrypted key. */
  passphrase?: string
  /** Default `TLSv1.2`. */
  minVersion?: SecureVersion
  /** Default `TLSv1.3`. */
  maxVersion?: SecureVersion
  /** As OpenSSL writes a list of them. */
  ciphers?: string
  /** Whether clients are asked for a certificate. Default false. */
  requestCert?: boolean
  /** Whether a client without a valid one is refused, where it is asked for one. Default true. */
  rejectUnauthorized?: boolean
  /** How long a handshake may take, in milliseconds. Default 120,000. */
  handshakeTimeout?: number
}

const pem: Check = [isPem, 'a PEM by its content, as text or Buffer, or the path of a file']
const versions: readonly unknown[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] satisfies SecureVersion[]
const version: Check = [(value) => versions.includes(value), `one of ${versions.join(', ')}`]

const checks: Checks<HttpsOptions> = {
  key: pem,
  cert: pem,
  ca: [(value) => [value].flat().every(isPem), `${pem[1]}, or an array of such`],
  passphrase: text,
  minVersion: version,
  maxVersion: version,
  ciphers: text,
  requestCert: flag,
  rejectUnauthorized: flag,
  handshakeTimeout: [
    (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 2 ** 31,
    'milliseconds from 1 to 2147483647',
  ],
}

/**
 * Checks all that can be known before anything is read.
 *
 * @throws ConfigError naming the option; never its value, which may be a secret
 */
export function checkHttpsOptions(given: HttpsOptions): void {
  checkFields('https', given, checks)
  for (const name of ['key', 'cert'] as const) {
    if (given[name] === undefined) throw new ConfigError(`the option "https.${name}" is required: ${pem[1]}`)
  }
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' } = given
  if (versions.indexOf(minVersion) > versions.indexOf(maxVersion)) {
    throw new ConfigError(
      `the option "https.minVersion" (${minVersion}) is later than "https.maxVersion" (${maxVersion})`,
    )
  }
}

/** The path of a PEM's file; `undefined` for one that is there by its content. */
export function pathOf(value: Pem): string | undefined {
  return typeof value === 'string' && !value.includes('-----BEGIN') ? value : undefined
}

function isPem(value: unknown): boolean {
  return isText(value) || Buffer.isBuffer(value)
}
