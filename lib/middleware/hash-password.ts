import { promisify } from 'node:util'
import { ConfigError } from '../base/errors.ts'
import { onDemandOfNode } from '../base/on-demand.ts'
import { isText } from '../options/option-kinds.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

const SALT_BYTES = 16
const HASH_BYTES = 32

/** Returns the scrypt hash of a password (RFC 7914), with the parameters of Node.js: N = 16384, r = 8, p = 1. */
export function deriveHash(password: string, salt: Buffer, length: number): Promise<Buffer> {
  return promisify<string, Buffer, number, Buffer>(crypto().scrypt)(password, salt, length)
}

/**
 * Returns a password as the option `users` of `basicAuth` takes it: `scrypt:SALT:HASH`, with a random salt.
 *
 * @throws ConfigError for anything but a non-empty string
 */
export async function hashPassword(password: string): Promise<string> {
  if (!isText(password))
    throw new ConfigError('hashPassword: the password must be a non-empty string', {
      failure: 'ERR_TRIBIND_OPTION_VALUE',
    })
  const salt = crypto().randomBytes(SALT_BYTES)
  const hash = await deriveHash(password, salt, HASH_BYTES)
  return `scrypt:${salt.toString('base64')}:${hash.toString('base64')}`
}
