import type { IncomingHttpHeaders } from 'node:http'
import type { FileFacts } from './file-facts.ts'

/** What a request says about how it wants a file. */
export interface FileRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** Whether ranges and conditions count: for GET and HEAD, unless the file explains an error. */
  readonly isConditional: boolean
}

/** How a request for a file is answered. */
export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 412 | 416
  /** The first byte that goes out. */
  readonly start: number
  /** How many bytes go out, or would if this weren't HEAD. */
  readonly length: number
  readonly contentRange?: string
}

/**
 * Decides how a request for a file is answered (RFC 9110, sections 13 and 14).
 *
 * Several ranges at once are answered with the whole file.
 */
export function decideAnswer(request: FileRequest, file: FileFacts): FileAnswer {
  const { method, headers, isConditional } = request
  const { size } = file.stats
  if (!isConditional) return { status: 200, start: 0, length: size }
  if (!isExpectedVersion(headers, file)) return { status: 412, start: 0, length: 0 }
  if (isKnownVersion(headers, file)) return { status: 304, start: 0, length: 0 }
  const { range } = headers
  if (range === undefined || method !== 'GET' || !isRange(range) || !isSameVersion(headers, file))
    return { status: 200, start: 0, length: size }
  return answerRange(range, size)
}

/**
 * Whether If-Match and If-Unmodified-Since let the request pass. The first compares strongly (section 13.1.1), and the tags of
 * files are weak: only `*` matches. Where it is there, the second doesn't count (section 13.1.4).
 */
function isExpectedVersion(headers: IncomingHttpHeaders, { lastModified }: FileFacts): boolean {
  const { 'if-match': tags, 'if-unmodified-since': date } = headers
  if (tags) return tags === '*'
  return date === undefined || !(timeOf(lastModified) > timeOf(date))
}

/** Whether the client has this version (sections 13.1.2 and 13.1.3), and doesn't want it nonetheless. */
function isKnownVersion(headers: IncomingHttpHeaders, { etag, lastModified }: FileFacts): boolean {
  const { 'if-none-match': tags, 'if-modified-since': date, 'cache-control': control } = headers
  if ((tags === undefined && date === undefined) || control?.includes('no-cache')) return false
  if (tags === undefined) return timeOf(lastModified) <= timeOf(date)
  return tags === etag || tags === '*' || tags.split(',').some((tag) => isSameTag(tag.trim(), etag))
}

/** Compares weakly. */
function isSameTag(tag: string, etag: string): boolean {
  return tag === etag || `W/${tag}` === etag
}

/** Whether a Range field is one of section 14.1.2. */
function isRange(range: string): boolean {
  const [unit, set, ...rest] = range.split('=')
  if (unit !== 'bytes' || set === undefined || rest.length > 0) return false
  return set.split(',').every((part) => /^(?:\d+-\d*|-\d+)$/.test(part.trim()))
}

/**
 * Whether If-Range lets a range through (section 13.1.5): a date must be that of Last-Modified exactly; a tag is compared
 * strongly, so that the weak one of a file never matches.
 */
function isSameVersion({ 'if-range': version }: IncomingHttpHeaders, { lastModified }: FileFacts): boolean {
  return version === undefined || timeOf(String(version)) === timeOf(lastModified)
}

/** Returns the time of a date field, in milliseconds; NaN without a date, with which every comparison is false. */
function timeOf(date: string | undefined): number {
  return Date.parse(date ?? '')
}

function answerRange(range: string, size: number): FileAnswer {
  const parts = range.slice(range.indexOf('=') + 1).split(',')
  const [first, ...others] = parts.map((part) => resolveRange(part.trim(), size)).filter((part) => part !== undefined)
  if (first === undefined) return { status: 416, start: 0, length: 0, contentRange: `bytes */${size}` }
  if (others.length > 0) return { status: 200, start: 0, length: size }
  const { start, end } = first
  return { status: 206, start, length: end - start + 1, contentRange: `bytes ${start}-${end}/${size}` }
}

/** The first and the last byte of a range; `undefined` where the file has none of it. */
function resolveRange(part: string, size: number): { readonly start: number; readonly end: number } | undefined {
  const [from = '', to = ''] = part.split('-')
  // The last so many bytes of a shorter file are all of it.
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return start <= end ? { start, end } : undefined
}
