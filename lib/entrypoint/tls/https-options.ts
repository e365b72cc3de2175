import type { SecureVersion } from 'node:tls'
import { defineOptions, type OptionTable } from '../../options/define-options.ts'
import { option } from '../../options/option.ts'
import { flag, isText, milliseconds, oneOf, text, textSchema } from '../../options/option-kinds.ts'

/** A PEM: its content, which begins with `-----BEGIN`, or the path of its file, which is watched. */
export type Pem = string | Buffer

/** The options of TLS: those of `node:tls` that matter to a server, with the same names and defaults. */
export interface HttpsOptions {
  /** The private key. */
  key: Pem
  /** The certificate, followed by its intermediate certificates. */
  cert: Pem
  /** The authorities that client certificates are checked against. Default: the roots that Node.js knows. */
  ca?: Pem | readonly Pem[]
  /** The passphrase of an encrypted key. */
  passphrase?: string
  /** Default `TLSv1.2`. */
  minVersion?: SecureVersion
  /** Default `TLSv1.3`. */
  maxVersion?: SecureVersion
  /** A list in the format of OpenSSL. */
  ciphers?: string
  /** Whether clients are asked for a certificate. Default false. */
  requestCert?: boolean
  /** Whether a client without a valid certificate is refused, if `requestCert` is true. Default true. */
  rejectUnauthorized?: boolean
  /** How long a handshake may take, in milliseconds. Default 10,000. */
  handshakeTimeout?: number
}

const pem = 'a PEM by its content, as text or Buffer, or the path of a file'
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies SecureVersion[]

/** The table of the option `https`. The defaults are those of `node:tls`, except for `handshakeTimeout`. */
export const httpsOptions: OptionTable<HttpsOptions, HttpsOptions> = defineOptions(
  {
    key: option(isPem, pem, { required: true, secret: true, json: () => textSchema }),
    cert: option(isPem, pem, { required: true, secret: true, json: () => textSchema }),
    ca: option((value) => [value].flat().every(isPem), `${pem}, or an array of such`, {
      secret: true,
      defaultText: 'the roots that Node.js knows',
      json: () => ({ anyOf: [textSchema, { type: 'array', items: textSchema }] }),
    }),
    passphrase: text({ secret: true }),
    minVersion: oneOf(versions, { defaultText: '`TLSv1.2`' }),
    maxVersion: oneOf(versions, { defaultText: '`TLSv1.3`' }),
    ciphers: text({ defaultText: 'those of Node.js' }),
    requestCert: flag({ defaultText: 'false' }),
    rejectUnauthorized: flag({ defaultText: 'true' }),
    handshakeTimeout: milliseconds(1, { defaultText: '10,000' }),
  },
  { check: findNoVersion },
)

function findNoVersion(options: HttpsOptions, place: string): string | undefined {
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' } = options
  if (versions.indexOf(minVersion) <= versions.indexOf(maxVersion)) return undefined
  return `option "${place}minVersion" (${minVersion}) must not be later than "${place}maxVersion" (${maxVersion})`
}

/** Returns the path of a PEM's file; `undefined` if the value is the content. */
export function pathOf(value: Pem): string | undefined {
  return typeof value === 'string' && !value.includes('-----BEGIN') ? value : undefined
}

function isPem(value: unknown): boolean {
  return isText(value) || Buffer.isBuffer(value)
}
