import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { bytes } from '../options/option-kinds.ts'
import type { ChooseEncoder } from '../http/output/body-encoder.ts'
import { coreOf, type Request } from '../http/request.ts'
import { acceptedCodings } from '../net/accepted-codings.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { type ContentCoding, contentCodings, encoderOf } from './content-coding.ts'
import { named } from './named.ts'

/** The options of `compress`. */
export interface CompressOptions {
  /** Bytes from which on a body is worth it; one that is streamed always is. Default 1024. */
  threshold?: number
  /** The best first; what this Node lacks is left out. Default br, zstd, gzip, deflate. */
  codings?: readonly ContentCoding[]
  /** The media types, without parameters, that become smaller. Default: text, JSON, XML, JavaScript, SVG and the like. */
  types?: RegExp
}

const compressible =
  /^(text\/.+|.+\+(json|xml|text)|application\/(json|x-ndjson|xml|javascript|x-javascript|wasm|graphql|yaml|toml|sql|rtf|manifest\+json|vnd\.ms-fontobject)|image\/(bmp|x-icon|vnd\.microsoft\.icon)|font\/(ttf|otf|collection))$/

/** The table of the options of `compress`. */
export const compressOptions: OptionTable<CompressOptions> = defineOptions(
  {
    threshold: bytes({ default: 1024 }),
    codings: option(areCodings, `an array with at least one of ${contentCodings.join(', ')}`, {
      default: contentCodings,
      json: () => ({ type: 'array', minItems: 1, items: { enum: contentCodings } }),
    }),
    types: option((value) => value instanceof RegExp, 'a regular expression', {
      default: compressible,
      defaultText: 'text, JSON, XML, JavaScript, SVG …',
    }),
  },
  { owner: 'compress' },
)

/**
 * Compresses bodies with what the client accepts, as they go out: after every hook, so that all see them as they are.
 *
 * Left as they are: what is encoded already, `Cache-Control: no-transform`, parts of a file (206), and types that don't
 * become smaller. A streamed body is flushed with every chunk, so that server-sent events arrive at once.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function compress(options: CompressOptions = {}): Middleware {
  const { threshold, codings, types } = compressOptions.parse(options)
  const settings = {
    threshold,
    codings: codings.filter((coding) => encoderOf(coding) !== undefined),
    // Without g and y, which make a regular expression remember its last match.
    types: new RegExp(types.source, types.flags.replace(/[gy]/g, '')),
  }
  return named('compress', (request, next) => {
    coreOf(request).response.encodeWith((body) => chooseEncoder(request, body, settings))
    return next()
  })
}

type Settings = Required<CompressOptions>

function chooseEncoder(
  request: Request,
  { type, length }: Parameters<ChooseEncoder>[0],
  { threshold, codings, types }: Settings,
): ReturnType<ChooseEncoder> {
  const { response } = request
  const { status } = response
  if (status === 304) matchEncoded(request, codings)
  if (status === 204 || status === 205 || status === 304 || isFixed(response)) return undefined
  const [essence = ''] = (response.header('content-type') ?? type ?? '').split(';')
  const size = wholeLength(response) ?? length ?? Infinity
  if (!types.test(essence.trim().toLowerCase()) || size < threshold) return undefined
  // A 206 has the Vary that the 200 would have (RFC 9110, section 15.3.7).
  vary(request)
  if (status === 206 || response.header('content-range') !== undefined) return undefined
  const coding = chooseCoding(request, codings)
  if (coding === undefined) return undefined
  response.setHeader('Content-Encoding', coding)
  // It is counted again.
  response.removeHeader('Content-Length')
  weakenValidators(response)
  return encoderOf(coding)
}

function chooseCoding({ headers }: Request, codings: Settings['codings']): ContentCoding | undefined {
  const field = headers['accept-encoding']
  return acceptedCodings(Array.isArray(field) ? field.join(',') : field, codings)[0]
}

/** Sets the fields of a 304, which replace those of the 200 that the client has stored (RFC 9110, section 15.4.5). */
function matchEncoded(request: Request, codings: Settings['codings']): void {
  const { response } = request
  vary(request)
  if (hasRanges(response) && chooseCoding(request, codings) !== undefined) weakenValidators(response)
}

/**
 * Leaves no strong validator, by which a client would complete encoded bytes with a range of the content as it is
 * (RFC 9110, sections 8.8.1 and 13.1.5). A date is one where ranges are offered.
 */
function weakenValidators(response: Request['response']): void {
  const etag = response.header('etag')
  if (etag?.startsWith('"')) response.setHeader('ETag', `W/${etag}`)
  if (!hasRanges(response)) return
  response.removeHeader('Accept-Ranges')
  response.removeHeader('Last-Modified')
}

function hasRanges(response: Request['response']): boolean {
  return response.header('accept-ranges') !== undefined
}

function isFixed(response: Request['response']): boolean {
  const isEncoded = response.header('content-encoding') !== undefined
  return isEncoded || /(?:^|,)\s*no-transform\s*(?:,|$)/i.test(response.header('cache-control') ?? '')
}

/** In bytes, of the content that a part was taken from. */
function wholeLength(response: Request['response']): number | undefined {
  const [, length] = /\/(\d+)$/.exec(response.header('content-range') ?? '') ?? []
  return length === undefined ? undefined : Number(length)
}

function vary(request: Request): void {
  coreOf(request).response.joinHeader('Vary', 'Accept-Encoding')
}

function areCodings(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((coding) => contentCodings.includes(coding as ContentCoding))
  )
}
