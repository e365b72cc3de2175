import { ConfigError, HttpError } from '../../index.ts'
import { isObject, type Option, parsePath, stripSegments } from '../../kit.ts'
import { readRewriteRules, rewritePath, type RewriteRule } from './rewrite-rule.ts'

/** What becomes of the paths of requests, in this order. */
export interface PathChanges {
  /** The segments that are taken off the beginning; a path without them stays as it is. */
  readonly stripPrefix?: readonly string[]
  readonly rewrite?: readonly RewriteRule[]
  /** What is put before it, without a slash at its end. */
  readonly addPrefix?: string
}

/**
 * Returns the path that nodes are asked for.
 *
 * @throws HttpError 400 for one that, decoded once more or with `;…` cut off, has a segment `..`, before or afterwards
 */
export function changePath(rawPath: string, { stripPrefix, rewrite, addPrefix = '' }: PathChanges): string {
  if (climbs(rawPath)) throw refused()
  let path = rawPath
  if (stripPrefix !== undefined) path = stripSegments(path, stripPrefix) ?? path
  if (rewrite !== undefined) path = rewritePath(rewrite, path, parsePath(path) ?? [])
  if (path !== rawPath && climbs(path)) throw refused()
  return addPrefix + path
}

function refused(): HttpError {
  return new HttpError(400, 'The path leads out of its folder', { failure: 'ERR_TRIBIND_FORWARD_PATH' })
}

const json = () => ({ type: 'string', pattern: '^/[^?#]*$' })

/** Declares the option `stripPrefix`. */
export function stripPrefixOption(): Option<string, 'maybe', readonly string[]> {
  const isValid = (value: unknown) => isPath(value) && parsePath(value) !== undefined
  return {
    isValid,
    words: 'a path that begins with "/"',
    summary: 'what is taken off the beginning of the path',
    convert: (value) => parsePath(value as string) as string[],
    json,
  }
}

/** Declares the option `addPrefix`. */
export function addPrefixOption(): Option<string, 'maybe'> {
  const isValid = (value: unknown) =>
    isPath(value) && /^[\x21-\x7e]+$/.test(value) && parsePath(value) !== undefined && !climbs(value)
  return {
    isValid,
    words: 'a path that begins with "/", of visible ASCII characters',
    summary: 'what is put before the path',
    convert: (value) => (value as string).replace(/\/+$/, ''),
    json,
  }
}

/** Declares the option `rewrite`. */
export function rewriteOption(): Option<Readonly<Record<string, string>>, 'maybe', readonly RewriteRule[]> {
  const convert = (value: unknown, place: string) => {
    try {
      return readRewriteRules(value as Record<string, string>)
    } catch (error) {
      throw new ConfigError(`option "${place}": ${(error as Error).message}`, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
    }
  }
  return {
    isValid: isObject,
    words: 'an object of paths by pattern',
    summary: 'paths by the patterns of those that they replace',
    convert,
    json: () => ({ type: 'object', additionalProperties: { type: 'string' } }),
  }
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('/') && !/[?#]/.test(value)
}

/**
 * Whether a path, decoded once more than it was or with `;…` cut off its segments, has a segment `..`: a node that does either
 * would leave the folder that it is to serve.
 */
function climbs(rawPath: string): boolean {
  // Without any of these, it is as the router has read it.
  if (!rawPath.includes('..') && !rawPath.includes('%')) return false
  const segments = parsePath(rawPath)
  return segments === undefined || segments.some((segment) => hasDots(segment) || hasDots(decodeAgain(segment)))
}

function hasDots(segment: string): boolean {
  return segment.includes('..') && segment.split(/[/\\]/).some((part) => /^\.\.(?:$|[;?#\0])/.test(part))
}

/** Decodes what can be, each character on its own. */
function decodeAgain(segment: string): string {
  return segment.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
