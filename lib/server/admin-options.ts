import { ConfigError } from '../base/errors.ts'
import { nameErrors } from '../base/name-errors.ts'
import { type Address, isUnixAddress, parseAddresses } from '../net/address.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { flag, text } from '../options/option-kinds.ts'

/** The options of `admin`. */
export interface AdminOptions {
  /** Where the administration listens: a port of a loopback address such as `127.0.0.1:8198`, the default, or a Unix socket. */
  address?: string
  /** What clients send as a bearer token, 16 characters or more. Required, except for a Unix socket. */
  token?: string
  /** What all its paths begin with, such as `/admin`. Default: nothing. */
  pathPrefix?: string
  /** Whether the page at `/` is there. Default true. */
  dashboard?: boolean
}

/** The options with their defaults. */
export type ReadAdminOptions = Complete<AdminOptions, 'token'>

const MIN_TOKEN = 16

/** The table of the options of `admin`. */
export const adminOptions: OptionTable<AdminOptions, ReadAdminOptions> = defineOptions(
  {
    address: text({ default: '127.0.0.1:8198' }),
    token: option(isToken, `a text of ${MIN_TOKEN} to 1024 printable ASCII characters without spaces`, {
      secret: true,
      json: () => ({ type: 'string', minLength: MIN_TOKEN }),
    }),
    pathPrefix: option(isPrefix, 'a path such as "/admin", without a "/" at its end, or ""', {
      default: '',
      json: () => ({ type: 'string', pattern: prefixPattern.source }),
    }),
    dashboard: flag({ default: true }),
  },
  { check: findProblem },
)

// RFC 6750, section 2.1, allows fewer; what can be sent in a field is enough.
function isToken(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]{16,1024}$/.test(value)
}

const prefixPattern = /^(\/[A-Za-z0-9._~-]+)*$/

function isPrefix(value: unknown): boolean {
  return typeof value === 'string' && prefixPattern.test(value) && !/\/\.\.?(\/|$)/.test(value)
}

/** Returns the address of the administration. */
export function adminAddress({ address }: ReadAdminOptions): Address {
  return parseAddresses(address)[0] as Address
}

/** Whether only this machine reaches an interface. A name but `localhost` could stand for any. */
function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/i.test(host)
}

function findProblem({ address, token }: ReadAdminOptions, place: string): string | undefined {
  const addresses = nameErrors(`option "${place}address"`, () => parseAddresses(address))
  const [first] = addresses
  if (first === undefined || addresses.length > 1)
    throw new ConfigError(`option "${place}address" must be one address, got ${addresses.length}`, {
      failure: 'ERR_TRIBIND_OPTION_VALUE',
    })
  if (isUnixAddress(first)) return undefined
  if (!isLoopback(first.host))
    return `option "${place}address" must be a loopback address or a Unix socket, got "${address}": for access from other machines, put a reverse proxy with TLS and its own authentication in front of it, or use an SSH tunnel`
  if (token !== undefined) return undefined
  return `option "${place}token" is required where the administration listens at "${address}": only a Unix socket does without`
}
