import { ConfigError } from '../base/errors.ts'
import { onDemandOfNode } from '../base/on-demand.ts'
import { isObject, type Option } from '../options/option.ts'
import { printValue } from '../options/print-value.ts'
import { deriveHash } from './hash-password.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** What the password of a user is compared with. */
export type Secret =
  | { readonly kind: 'scrypt'; readonly salt: Buffer; readonly hash: Buffer }
  | { readonly kind: 'plain'; readonly digest: Buffer }

/** Declares the option `users`. */
export function usersOption(): Option<unknown, 'maybe', ReadonlyMap<string, Secret>> {
  return {
    isValid: (value) => isObject(value) && Object.keys(value).length > 0,
    words: 'an object that has at least one user by name',
    secret: true,
    convert: (value, place) =>
      new Map(Object.entries(value as object).map(([user, text]) => [user, readUser(user, text, place)])),
    json: () => ({ type: 'object', additionalProperties: { type: 'string', pattern: '^(scrypt|plain):' } }),
  }
}

function readUser(user: string, text: unknown, place: string): Secret {
  const fail = (words: string) =>
    new ConfigError(`basicAuth: option "${place}", user ${printValue(user)}: ${words}`, {
      failure: 'ERR_TRIBIND_BASIC_AUTH_USER',
    })
  if (/[:\x00-\x1f\x7f]/.test(user)) throw fail('a name must not contain ":" or control characters')
  const secret = typeof text === 'string' ? readSecret(text) : undefined
  if (secret !== undefined) return secret
  throw fail(
    'the value must be "scrypt:SALT:HASH" with both in base64 and a hash of 16 to 128 bytes, as hashPassword() returns it, or "plain:" and a password',
  )
}

function readSecret(text: string): Secret | undefined {
  const [kind, ...parts] = text.split(':')
  if (kind === 'plain') {
    const password = text.slice('plain:'.length)
    return password === '' ? undefined : { kind, digest: digest(password) }
  }
  const [salt, hash] = parts.map(readBase64)
  if (kind !== 'scrypt' || parts.length !== 2 || salt === undefined || hash === undefined) return undefined
  return hash.length >= 16 && hash.length <= 128 ? { kind, salt, hash } : undefined
}

function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  const isWhole = bytes.length > 0 && bytes.toString('base64').replace(/=+$/, '') === text.replace(/={1,2}$/, '')
  return isWhole ? bytes : undefined
}

/**
 * Returns a function that verifies the passwords of users.
 *
 * It takes as long for an unknown user as for a wrong password. A password that was right is known for as long as it is among
 * the last that were.
 */
export function verifyBy(
  users: ReadonlyMap<string, Secret>,
): (user: string, password: string) => boolean | Promise<boolean> {
  const verified = new VerifiedPasswords()
  const hashed = [...users.values()].find((secret) => secret.kind === 'scrypt')
  const decoy = hashed && { ...hashed, salt: crypto().randomBytes(16), hash: crypto().randomBytes(hashed.hash.length) }
  const nothing = digest('')
  return (user, password) => {
    const secret = users.get(user)
    if (secret?.kind === 'scrypt') return verified.verify(user, password, () => matches(secret, password))
    const isSame = crypto().timingSafeEqual(secret?.digest ?? nothing, digest(password)) && secret !== undefined
    return isSame || decoy === undefined ? isSame : matches(decoy, password).then(() => false)
  }
}

async function matches({ salt, hash }: { salt: Buffer; hash: Buffer }, password: string): Promise<boolean> {
  return crypto().timingSafeEqual(hash, await deriveHash(password, salt, hash.length))
}

function digest(text: string): Buffer {
  return crypto().createHash('sha256').update(text).digest()
}

/** How many passwords are known to be right. */
const MAX_KNOWN = 1000

/**
 * Remembers which passwords were right, by a hash with a key of its own: a slow verification is for the first request alone, and
 * requests that come meanwhile wait for the same.
 */
export class VerifiedPasswords {
  readonly #key = crypto().randomBytes(32)
  /** The one that was used longest ago comes first. */
  readonly #right = new Set<string>()
  readonly #pending = new Map<string, Promise<boolean>>()

  /** @param run verifies the password; it is called unless that is known */
  verify(user: string, password: string, run: () => Promise<boolean>): boolean | Promise<boolean> {
    const id = crypto().createHmac('sha256', this.#key).update(`${user}\0${password}`).digest('base64')
    if (this.#right.delete(id)) {
      this.#right.add(id)
      return true
    }
    const pending = this.#pending.get(id) ?? this.#run(id, run)
    this.#pending.set(id, pending)
    return pending
  }

  async #run(id: string, run: () => Promise<boolean>): Promise<boolean> {
    try {
      const isRight = await run()
      if (isRight) this.#remember(id)
      return isRight
    } finally {
      this.#pending.delete(id)
    }
  }

  #remember(id: string): void {
    this.#right.add(id)
    if (this.#right.size > MAX_KNOWN) this.#right.delete(this.#right.values().next().value as string)
  }
}
