import { StateError } from '../base/errors.ts'
import { HttpError } from '../base/http-error.ts'
import { isMultipartType, isUrlencodedType, parseContentType } from '../http/body/content-type.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf, type Request } from '../http/request.ts'
import { isToken } from '../net/token.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { oneOf, text, textSchema } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { onDemandOfNode } from '../base/on-demand.ts'
import { named } from './named.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** The options of `csrf`. */
export interface CsrfOptions {
  /** Where the secret of a client is: in its session, or in a signed cookie. Default: `session` where the server has sessions. */
  storage?: 'session' | 'cookie'
  /** The field of the head that has the token, for scripts. Default `X-CSRF-Token`. */
  header?: string
  /** The field of a form that has the token. Default `_csrf`. */
  field?: string
  /** Other origins whose pages may send requests, such as `https://app.example.com`. Default: none. */
  origins?: readonly string[]
}

type ReadOptions = Complete<CsrfOptions, 'storage'>

/** The table of the options of `csrf`. */
export const csrfOptions: OptionTable<CsrfOptions, ReadOptions> = defineOptions<CsrfOptions, ReadOptions>(
  {
    storage: oneOf<'session' | 'cookie', { defaultText: string }>(['session', 'cookie'], {
      defaultText: '`session` where the server has sessions',
    }),
    header: option(isToken, 'the name of a header field', { default: 'X-CSRF-Token', json: () => textSchema }),
    field: text({ default: '_csrf' }),
    origins: option(areOrigins, 'an array of origins such as "https://app.example.com"', { default: [] }),
  },
  { owner: 'csrf' },
)

/** The secrets of the requests that are guarded. */
const secrets = new WeakMap<RequestCore, CsrfSecret>()

// Those that change nothing (RFC 9110, section 9.2.1; QUERY by its draft).
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])

/**
 * Refuses requests that pages of other sites send in the name of a client, with 403; requests whose method changes nothing pass.
 *
 * Others pass where the browser says that the page is of this origin (`Sec-Fetch-Site`), or where they bring a token of `csrfToken`,
 * in a field of the head or of a form. What a browser says to come from another origin is refused whatever it brings, unless it is
 * in `origins`.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function csrf(options: CsrfOptions = {}): Middleware {
  const read = csrfOptions.parse(options)
  return named('csrf', async (request, next) => {
    const core = coreOf(request)
    const storage = read.storage ?? (core.settings.sessions === undefined ? 'cookie' : 'session')
    const secret = storage === 'session' ? secretInSession(core) : secretInCookie(core)
    secrets.set(core, secret)
    if (!safeMethods.has(core.method) && !isOfTrustedPage(core, read.origins)) {
      const known = secret.read()
      const token = core.header(read.header) ?? (await readField(request, read.field))
      if (known === undefined || token === undefined || !isCsrfToken(token, known))
        throw refuse('it has no valid token')
    }
    return next()
  })
}

/**
 * Returns a token for the forms and scripts of a page; another one each time, all of which are valid for this client.
 *
 * @throws StateError where `csrf` doesn't guard the request, and where a cookie or session can't be set any more
 */
export function csrfToken(request: Request): string {
  const secret = secrets.get(coreOf(request))
  if (secret !== undefined) return createCsrfToken(secret.read() ?? secret.create())
  throw new StateError('csrfToken(request) needs the middleware csrf() around the route: server.use(csrf())', {
    failure: 'ERR_TRIBIND_CSRF_UNGUARDED',
  })
}

/** Returns whether no token is needed. @throws HttpError 403 for a page of another origin */
function isOfTrustedPage(core: RequestCore, origins: readonly string[]): boolean {
  const { origin } = core.raw.headers
  if (origin !== undefined && origins.includes(origin)) return true
  const site = core.header('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return true
  // Without it, the origin tells, unless it is hidden (`null`), as it is under `Referrer-Policy: no-referrer`.
  const isOther = site !== undefined || (origin !== undefined && origin !== 'null' && !isOwn(origin, core))
  if (isOther) throw refuse('it comes from a page of another origin')
  return false
}

/** By the host: behind a proxy that ends TLS, the scheme needn't be known here. */
function isOwn(origin: string, { authority = '' }: RequestCore): boolean {
  return URL.canParse(origin) && new URL(origin).host === authority.toLowerCase().replace(/:(?:80|443)$/, '')
}

async function readField(request: Request, name: string): Promise<string | undefined> {
  const type = parseContentType(request.headers['content-type'])
  if (!isUrlencodedType(type) && !isMultipartType(type)) return undefined
  const fields = await request.form()
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

function refuse(reason: string): HttpError {
  return new HttpError(403, `The request is refused: ${reason}`, { failure: 'ERR_TRIBIND_CSRF' })
}

function areOrigins(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((origin) => typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin)
  )
}

/** Creates a token; another one each time, so that compressed pages don't tell of it (BREACH). */
export function createCsrfToken(secret: string): string {
  const salt = crypto().randomBytes(12).toString('base64url')
  return `${salt}.${sign(salt, secret)}`
}

/** Returns whether a token was created from the secret. */
export function isCsrfToken(token: string, secret: string): boolean {
  const [, salt, signature] = /^([\w-]{16})\.([\w-]{43})$/.exec(token) ?? []
  if (salt === undefined || signature === undefined) return false
  return crypto().timingSafeEqual(Buffer.from(signature), Buffer.from(sign(salt, secret)))
}

function sign(salt: string, secret: string): string {
  return crypto().createHmac('sha256', secret).update(salt).digest('base64url')
}

/** What the tokens of one client are made from. */
export interface CsrfSecret {
  /** `undefined` where the client has none. */
  read(): string | undefined
  /** Gives the client one. */
  create(): string
}

const KEY = 'csrfSecret'

/** Returns the secret that a session keeps. */
export function secretInSession(core: RequestCore): CsrfSecret {
  return {
    read() {
      const secret = core.openSession().get(KEY)
      return typeof secret === 'string' ? secret : undefined
    },
    create() {
      const secret = createSecret()
      core.openSession().set(KEY, secret)
      return secret
    },
  }
}

/** Returns the secret that a signed cookie keeps: pages of other sites can neither read it nor make one. */
export function secretInCookie(core: RequestCore): CsrfSecret {
  // Over TLS no other host of the same domain can set it either (RFC 6265bis, section 4.1.3.2).
  const name = core.protocol === 'https' ? '__Host-csrf' : 'csrf'
  return {
    read: () => core.cookie.get(name, { signed: true }),
    create() {
      const secret = createSecret()
      core.cookie.set(name, secret, { signed: true })
      return secret
    },
  }
}

function createSecret(): string {
  return crypto().randomBytes(32).toString('base64url')
}
