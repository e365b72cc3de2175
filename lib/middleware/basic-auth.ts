import { ConfigError } from '../base/errors.ts'
import { HttpError } from '../base/http-error.ts'
import { isPromise } from '../base/in-turn.ts'
import { onDemandOfNode } from '../base/on-demand.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { callback } from '../options/option-kinds.ts'
import { printValue } from '../options/print-value.ts'
import type { Request } from '../http/request.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { type Secret, usersOption, verifyBy } from './known-users.ts'
import { named } from './named.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** Says whether a password is that of a user; nothing but `true` lets a request in. */
export type VerifyUser = (user: string, password: string, request: Request) => boolean | Promise<boolean>

/** The options of `basicAuth`. */
export interface BasicAuthOptions {
  /** Decides who gets in. Either this or `users` is set. */
  verify?: VerifyUser
  /** By name, `scrypt:SALT:HASH` as `hashPassword` makes it, or `plain:` and the password. */
  users?: Readonly<Record<string, string>>
  /** What the browser tells people that they log in to. Default `Restricted`. */
  realm?: string
}

interface ReadOptions {
  readonly verify?: VerifyUser
  readonly users?: ReadonlyMap<string, Secret>
  readonly realm: string
}

type UnreadOptions = { readonly [Name in keyof BasicAuthOptions]?: unknown }

const realmText = /^[\x20-\x7e]+$/

/** The table of the options of `basicAuth`. */
export const basicAuthOptions: OptionTable<UnreadOptions, ReadOptions> = defineOptions<UnreadOptions, ReadOptions>(
  {
    verify: callback<VerifyUser>('a function'),
    users: usersOption(),
    realm: {
      ...option<string, { default: string }>(
        (value) => typeof value === 'string' && realmText.test(value),
        'printable ASCII text',
        { default: 'Restricted' },
      ),
      json: () => ({ type: 'string', pattern: realmText.source }),
    },
  },
  {
    owner: 'basicAuth',
    check: ({ verify, users }) =>
      (verify === undefined) === (users === undefined) ? 'set exactly one of "verify" and "users"' : undefined,
  },
)

/**
 * Lets only requests in that carry the name and password of a user (RFC 7617); the name is then `context.get('user')`.
 *
 * Any other is answered 401, and nothing inside runs. Use it over TLS: the password goes over the wire as it is.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function basicAuth(options: BasicAuthOptions): Middleware {
  const { verify = () => false, users, realm } = basicAuthOptions.parse(options)
  const isUserOf = users === undefined ? verify : verifyBy(users)
  const challenge = `Basic realm="${realm.replace(/["\\]/g, '\\$&')}", charset="UTF-8"`
  return named('basicAuth', (request, next) => {
    const pass = (isUser: unknown) => {
      if (isUser === true) {
        request.context.set<unknown>('user', credentials?.user)
        return next()
      }
      request.response.setHeader('WWW-Authenticate', challenge)
      throw new HttpError(401, undefined, { failure: 'ERR_TRIBIND_AUTHENTICATION' })
    }
    const credentials = readCredentials(request.headers.authorization)
    const isUser = credentials !== undefined && isUserOf(credentials.user, credentials.password, request)
    return isPromise(isUser) ? isUser.then(pass) : pass(isUser)
  })
}

/**
 * Returns a `verify` for users that are known when the server starts, by name.
 *
 * It takes the same time for the right password, a wrong one and an unknown user.
 *
 * @throws ConfigError for a name with a colon or a control character, which can't be sent, and for no or an empty password
 */
export function fixedUsers(passwords: Readonly<Record<string, string>>): VerifyUser {
  const digests = new Map<string, Buffer>()
  for (const [user, password] of Object.entries(passwords)) {
    // oxlint-disable-next-line no-control-regex
    if (/[:\x00-\x1f\x7f]/.test(user) || typeof password !== 'string' || password === '')
      throw new ConfigError(
        `fixedUsers: a name must not contain ":" or control characters, and a password must be a non-empty string, got user ${printValue(user)}`,
        { failure: 'ERR_TRIBIND_BASIC_AUTH_USER' },
      )
    digests.set(user, digest(password))
  }
  const unknown = digest('')
  return (user, password) => {
    const isSame = crypto().timingSafeEqual(digests.get(user) ?? unknown, digest(password))
    return isSame && digests.has(user)
  }
}

function digest(text: string): Buffer {
  return crypto().createHash('sha256').update(text).digest()
}

/** Returns the name and password of a field of Basic authentication (RFC 7617, section 2); `undefined` for any other. */
export function readCredentials(field: string | undefined): { user: string; password: string } | undefined {
  const [, base64] = /^basic +([a-z0-9+/]+={0,2}) *$/i.exec(field ?? '') ?? []
  if (base64 === undefined) return undefined
  const text = Buffer.from(base64, 'base64').toString()
  const colon = text.indexOf(':')
  // U+FFFD stands for bytes that aren't UTF-8; RFC 7617, section 2, forbids control characters.
  // oxlint-disable-next-line no-control-regex
  if (colon < 0 || /[\ufffd\x00-\x1f\x7f]/.test(text)) return undefined
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
