import { HttpError } from '../base/http-error.ts'
import type { Request } from '../http/request.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { type Option, option } from '../options/option.ts'
import { callback } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/**
 * Returns whom a token is for, which is then `context.get('user')`; `undefined`, `null` and `false` refuse it. For a token that is
 * valid and may not do this, it throws an `HttpError` of status 403.
 */
export type VerifyToken = (token: string, request: Request) => unknown

/** The options of `bearerAuth`. */
export interface BearerAuthOptions {
  /** Decides who gets in. */
  verify: VerifyToken
  /** What the client is told that it asks for. Default: nothing. */
  realm?: string
  /** The scopes that a token needs, separated by spaces; the client is told of them. `verify` checks them. Default: nothing. */
  scope?: string
}

/** The table of the options of `bearerAuth`. */
export const bearerAuthOptions: OptionTable<BearerAuthOptions, BearerAuthOptions> = defineOptions<
  BearerAuthOptions,
  BearerAuthOptions
>(
  {
    verify: callback<VerifyToken, { required: true }>('a function', { required: true }),
    realm: matching(/^[\x20-\x7e]+$/, 'printable ASCII text'),
    // RFC 6749, section 3.3.
    scope: matching(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'scopes separated by one space each'),
  },
  { owner: 'bearerAuth' },
)

/**
 * Lets only requests in whose Authorization has a bearer token that `verify` accepts (RFC 6750).
 *
 * Any other is answered 401, 400 where the token is malformed, or 403, with the `WWW-Authenticate` and error code of RFC 6750,
 * section 3.1, and nothing inside runs. Use it over TLS.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function bearerAuth(options: BearerAuthOptions): Middleware {
  const { verify, realm, scope } = bearerAuthOptions.parse(options)
  const refuse = (status: number, error?: string, cause?: unknown) => {
    const parameters = Object.entries({ realm, scope, error }).filter(([, value]) => value !== undefined)
    const challenge = ['Bearer', parameters.map(([name, value]) => `${name}="${quote(value as string)}"`).join(', ')]
    return new HttpError(status, cause instanceof Error ? cause.message : undefined, {
      failure: 'ERR_TRIBIND_AUTHENTICATION',
      headers: { 'WWW-Authenticate': challenge.join(' ').trim() },
      cause,
    })
  }
  return named('bearerAuth', async (request, next) => {
    const [, scheme, token = ''] = /^(bearer)(?: +(.*))?$/i.exec(request.headers.authorization ?? '') ?? []
    // Without credentials, a client is told no error (section 3.1).
    if (scheme === undefined) throw refuse(401)
    if (!/^[\w.~+/-]+=*$/.test(token)) throw refuse(400, 'invalid_request')
    const user = await askFor(verify, token, request, (cause) => refuse(403, 'insufficient_scope', cause))
    if (user === undefined || user === null || user === false) throw refuse(401, 'invalid_token')
    request.context.set<unknown>('user', user)
    return next()
  })
}

async function askFor(
  verify: VerifyToken,
  token: string,
  request: Request,
  refuse: (cause: HttpError) => HttpError,
): Promise<unknown> {
  try {
    return await verify(token, request)
  } catch (error) {
    throw error instanceof HttpError && error.status === 403 ? refuse(error) : error
  }
}

function quote(text: string): string {
  return text.replace(/["\\]/g, '\\$&')
}

function matching(pattern: RegExp, words: string): Option<string, 'maybe'> {
  const isValid = (value: unknown) => typeof value === 'string' && pattern.test(value)
  return { ...option<string>(isValid, words), json: () => ({ type: 'string', pattern: pattern.source }) } as Option<
    string,
    'maybe'
  >
}
