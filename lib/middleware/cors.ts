import { isPromise } from '../base/in-turn.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { type About, type Option, option, type PresenceOf } from '../options/option.ts'
import { flag, integer, textSchema } from '../options/option-kinds.ts'
import { coreOf, type Request } from '../http/request.ts'
import { isToken } from '../net/token.ts'
import type { Middleware, Next } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/** Says whether a page of this origin may read the answer; a text is the one origin that may. */
type DecideOrigin = (
  origin: string | undefined,
  request: Request,
) => boolean | string | undefined | Promise<boolean | string | undefined>

/** The origins whose pages may read answers. */
export type CorsOrigin = boolean | string | RegExp | readonly (string | RegExp)[] | DecideOrigin

/** The options of `cors`. Names of fields and methods are an array, or one string with commas. */
export interface CorsOptions {
  /**
   * `*` for all without credentials, `true` for all, also with; `false` for none; a regular expression must match the
   * whole of what you mean, so begin it with `^` and end it with `$`. Default `*`.
   */
  origin?: CorsOrigin
  /** Default GET, HEAD, PUT, PATCH, POST, DELETE. */
  methods?: string | readonly string[]
  /** The request's fields. Default: those that the preflight asks for. */
  allowedHeaders?: string | readonly string[]
  /** The response's fields that pages may read besides the safe ones. Default: none. */
  exposedHeaders?: string | readonly string[]
  /** Whether cookies and the like may come along; never with `*`. Default false. */
  credentials?: boolean
  /** How long a preflight holds, in seconds. Default: the browser's, 5. */
  maxAge?: number
}

type ReadCorsOptions = Complete<CorsOptions, 'allowedHeaders' | 'exposedHeaders' | 'maxAge'>

const listSchema = { anyOf: [textSchema, { type: 'array', items: textSchema }] }

const DEFAULT_METHODS = 'GET, HEAD, PUT, PATCH, POST, DELETE'

/** The table of the options of `cors`. */
export const corsOptions: OptionTable<CorsOptions, ReadCorsOptions> = defineOptions(
  {
    origin: option(
      isOriginOption,
      'true, false, "*", an origin such as "https://example.com", a regular expression, an array of these two, or a function',
      { default: '*', json: () => ({ anyOf: [{ type: 'boolean' }, ...listSchema.anyOf] }) },
    ),
    methods: tokenList({ default: DEFAULT_METHODS }),
    allowedHeaders: tokenList({ defaultText: 'what the preflight asks for' }),
    exposedHeaders: tokenList(),
    credentials: flag({ default: false }),
    maxAge: integer({ from: 0, unit: 'seconds' }, { defaultText: "the browser's" }),
  },
  { owner: 'cors', check: findWildcard },
)

/**
 * Lets pages of other origins read answers (CORS, Fetch standard, section 3.2), those about errors too.
 *
 * A preflight is answered 204 here: so bind it before what asks for credentials. On a server it answers whether or not a
 * route serves the path; on a group, where the method that the preflight names has a route in it.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range, and for credentials together with `*`
 */
export function cors(options: CorsOptions = {}): Middleware {
  const { origin, credentials, methods, allowedHeaders, exposedHeaders, maxAge } = corsOptions.parse(options)
  const settings: Settings = {
    decide: createDecision(origin),
    isSame: origin === '*',
    credentials,
    methods: asList(methods) ?? DEFAULT_METHODS,
    allowedHeaders: asList(allowedHeaders),
    exposedHeaders: asList(exposedHeaders),
    maxAge,
  }
  return named('cors', (request, next) => {
    if (origin === false) return next()
    const allowed = settings.decide(request.headers.origin, request)
    if (!isPromise(allowed)) return answer(request, next, settings, allowed)
    return allowed.then((value) => answer(request, next, settings, value))
  })
}

interface Settings {
  readonly decide: DecideOrigin
  /** Whether every request gets the same. */
  readonly isSame: boolean
  readonly credentials: boolean
  readonly methods: string
  readonly allowedHeaders: string | undefined
  readonly exposedHeaders: string | undefined
  readonly maxAge: number | undefined
}

function answer(
  request: Request,
  next: Next,
  settings: Settings,
  decided: boolean | string | undefined,
): Promise<void> | undefined {
  const { response, headers } = request
  const allowed = decided === true ? headers.origin : decided || undefined
  if (!settings.isSame) addVary(request, 'Origin')
  const isPreflight = request.method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
  if (allowed !== undefined) {
    response.setHeader('Access-Control-Allow-Origin', allowed)
    // A function may say `*`; then it is without credentials.
    if (settings.credentials && allowed !== '*') response.setHeader('Access-Control-Allow-Credentials', 'true')
    if (isPreflight) allowRequest(request, settings)
    else if (settings.exposedHeaders !== undefined)
      coreOf(request).response.joinHeader('Access-Control-Expose-Headers', settings.exposedHeaders)
  }
  if (!isPreflight) return next()
  response.status = 204
  return undefined
}

function allowRequest(request: Request, { methods, allowedHeaders, maxAge }: Settings): void {
  const { response, headers } = request
  response.setHeader('Access-Control-Allow-Methods', methods)
  if (allowedHeaders === undefined) addVary(request, 'Access-Control-Request-Headers')
  const fields = allowedHeaders ?? headers['access-control-request-headers']
  if (fields) response.setHeader('Access-Control-Allow-Headers', fields)
  if (maxAge !== undefined) response.setHeader('Access-Control-Max-Age', maxAge)
}

/** Stays when what is inside sets a Vary of its own. */
function addVary(request: Request, name: string): void {
  coreOf(request).response.joinHeader('Vary', name)
}

function createDecision(origin: CorsOrigin): DecideOrigin {
  if (typeof origin === 'function') return origin
  if (typeof origin === 'boolean' || origin === '*') return () => origin
  const patterns = [origin].flat().map((pattern: string | RegExp) =>
    // Without g and y, which make a regular expression remember its last match.
    typeof pattern === 'string'
      ? pattern.toLowerCase()
      : new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')),
  )
  return (value) =>
    value !== undefined &&
    patterns.some((pattern) => (typeof pattern === 'string' ? pattern === value.toLowerCase() : pattern.test(value)))
}

function isOriginOption(value: unknown): boolean {
  if (typeof value === 'boolean' || typeof value === 'function' || value === '*') return true
  return [value].flat().every((item) => item instanceof RegExp || isOrigin(item))
}

/** A scheme, a host and, at most, a port: nothing else is ever equal to an Origin field. `null` is a word of its own. */
function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && (value === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*,]+$/i.test(value))
}

/** Fetch standard, section 3.2.5: with credentials, `*` stands for nothing but itself. */
function findWildcard({ credentials, ...options }: CorsOptions): string | undefined {
  const names = ['origin', 'methods', 'allowedHeaders', 'exposedHeaders'] as const
  const name = credentials === true ? names.find((name) => [options[name]].flat().includes('*')) : undefined
  return name && `option "${name}" must not be "*" together with "credentials": name what is allowed`
}

/** Declares an option that holds names in an array, or in one string with commas. */
function tokenList<const A extends About<Names> = About<Names>>(about?: A): Option<Names, PresenceOf<A>> {
  const words = 'an array of names of fields or methods, or one string with commas'
  return { ...option<Names, A>(isTokenList, words, about), json: () => listSchema }
}

type Names = string | readonly string[]

function isTokenList(value: unknown): boolean {
  return (typeof value === 'string' ? value.split(',').map((name) => name.trim()) : [value].flat()).every(isToken)
}

function asList(names: Names | undefined): string | undefined {
  const list = [names ?? []].flat().flatMap((text) => text.split(',').map((name) => name.trim()))
  return list.length === 0 ? undefined : list.join(', ')
}
