import type { OutgoingHttpHeaders } from 'node:http'
import { HttpError } from '../base/http-error.ts'
import { onStop } from '../base/stop-hooks.ts'
import { isChangeable, type ReadChanges } from '../http/field-changes.ts'
import { forwardedFor } from '../http/forwarded-for.ts'
import type { RequestCore } from '../http/request-core.ts'
import { setFields } from '../http/request-view.ts'
import { coreOf } from '../http/request.ts'
import type { ResponseCore } from '../http/response-core.ts'
import { viewOf } from '../http/show-request.ts'
import { isForwardedName } from '../net/forwarded.ts'
import { hopFilter } from '../net/hop-by-hop.ts'
import { isToken } from '../net/token.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import { type Duration, duration } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { type AuthAnswer, AuthServer } from './auth-server.ts'
import { named } from './named.ts'
import { showInside } from './show-inside.ts'

/** The options of `forwardAuth`. */
export interface ForwardAuthOptions {
  /** What is asked: http or https. */
  url: string | URL
  /** How long it may take to answer. Default `5s`. */
  timeout?: Duration
  /** The fields of the request that it is sent. Default: all but those of the connection, the body, ranges and conditions. */
  requestHeaders?: readonly string[]
  /** The fields of its answer that the request gets, in place of those that the client has sent. Default: none. */
  responseHeaders?: readonly string[]
}

interface ReadOptions {
  readonly url: URL
  readonly timeout: number
  readonly requestHeaders?: ReadonlySet<string>
  readonly responseHeaders: ReadonlySet<string>
}

type UnreadOptions = { readonly [Name in keyof ForwardAuthOptions]?: unknown }

/** The table of the options of `forwardAuth`. */
export const forwardAuthOptions: OptionTable<UnreadOptions, ReadOptions> = defineOptions<UnreadOptions, ReadOptions>(
  {
    url: {
      isValid: isAddress,
      words: 'a URL with http or https, without user, password and fragment',
      required: true,
      // It may have them nevertheless.
      secret: true,
      convert: (value) => new URL(value as string | URL),
      json: () => ({ type: 'string', pattern: '^https?://' }),
    },
    timeout: duration(1, { default: '5s' }),
    requestHeaders: {
      ...namesOption(),
      defaultText: 'all but those of the connection, the body, ranges and conditions',
    },
    responseHeaders: { ...namesOption(), default: [], defaultText: 'none' },
  },
  { owner: 'forwardAuth' },
)

function namesOption(): Option<unknown, 'maybe', ReadonlySet<string>> & Option<unknown, 'always', ReadonlySet<string>> {
  return {
    isValid: (value) =>
      Array.isArray(value) && value.every((name) => isToken(name) && isChangeable(name.toLowerCase())),
    words: 'an array of names of header fields, other than Host and those of the connection',
    convert: (value) => new Set((value as string[]).map((name) => name.toLowerCase())),
    json: () => ({ type: 'array', items: { type: 'string' } }),
  }
}

/**
 * Asks another server whether a request may pass, as Traefik does: with GET, the fields of the request, and
 * `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`.
 *
 * Where it answers 2xx, the request goes on; else its answer is the response. Where it can't be reached or is too slow, the
 * response is 503, and why is logged.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function forwardAuth(options: ForwardAuthOptions): Middleware {
  const read = forwardAuthOptions.parse(options)
  const server = new AuthServer(read.url)
  const closing = new WeakSet<object>()
  return named('forwardAuth', async (request, next) => {
    const core = coreOf(request)
    if (!closing.has(core.server)) {
      closing.add(core.server)
      onStop(core.server, () => closing.delete(core.server) && server.close())
    }
    const answer = await ask(core, server, read)
    if (answer.status < 200 || answer.status > 299) return passOn(answer, core.response)
    const changes = fieldsFor(answer, read.responseHeaders)
    await (changes.size > 0 ? showInside(core, setFields(viewOf(core), changes), next) : next())
  })
}

async function ask(
  core: RequestCore,
  server: AuthServer,
  { url, timeout, requestHeaders }: ReadOptions,
): Promise<AuthAnswer> {
  const late = AbortSignal.timeout(timeout)
  try {
    return await server.ask(question(core, requestHeaders), late)
  } catch (error) {
    const reason = late.aborted ? `it took longer than ${timeout} ms` : String((error as Error).message)
    throw new HttpError(503, undefined, {
      failure: 'ERR_TRIBIND_AUTH_SERVER',
      cause: new Error(`forwardAuth: ${url.origin}${url.pathname} could not be asked: ${reason}`, { cause: error }),
    })
  }
}

/** Fields that ask for something else than whether the request may pass. */
const ofTheRequest = /^(?:accept-encoding|content-.*|expect|host|if-.*|range|trailer)$/

/** **Security.** What an untrusted client says of other clients and hosts doesn't go on. */
function question(core: RequestCore, names: ReadonlySet<string> | undefined): OutgoingHttpHeaders {
  const { url, isFromProxy } = core
  const { headers, path } = viewOf(core)
  const isHop = hopFilter(headers.connection)
  const fields: OutgoingHttpHeaders = {}
  for (const [key, value] of Object.entries(headers)) {
    const isAsked = names === undefined ? !ofTheRequest.test(key) : names.has(key)
    if (isAsked && !isHop(key) && (isFromProxy || !isForwardedName(key))) fields[key] = value
  }
  const mark = url.indexOf('?')
  return {
    ...fields,
    'x-forwarded-method': core.method,
    'x-forwarded-proto': core.protocol,
    'x-forwarded-host': core.authority ?? '',
    'x-forwarded-uri': path.rawPath + (mark < 0 ? '' : url.slice(mark)),
    'x-forwarded-for': forwardedFor(core),
  }
}

/** **Security.** A field that the server doesn't send is removed: else clients could set it themselves. */
function fieldsFor({ headers }: AuthAnswer, names: ReadonlySet<string>): ReadChanges {
  return new Map([...names].map((name) => [name, { name, value: [headers[name] ?? ''].flat().join(', ') }]))
}

/** Fields of an answer that are the client's. */
const passedOn = [
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'location',
  'retry-after',
  'set-cookie',
  'www-authenticate',
]

function passOn({ status, headers, body }: AuthAnswer, response: ResponseCore): void {
  response.setStatus(status)
  for (const name of passedOn) {
    const value = headers[name]
    if (name === 'set-cookie') for (const line of headers['set-cookie'] ?? []) response.addHeader(name, line)
    else if (value !== undefined) response.setHeader(name, value)
  }
  if (body.length > 0) response.write(body)
}

function isAddress(value: unknown): boolean {
  if ((typeof value !== 'string' && !(value instanceof URL)) || !URL.canParse(String(value))) return false
  const { protocol, username, password, hash } = new URL(value)
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === ''
}
