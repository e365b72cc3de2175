/** What the head of a request is judged by, before it is served. */
export interface RequestHead {
  readonly httpVersionMajor: number
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** Only of HTTP/2. */
  readonly stream?: unknown
}

/**
 * Returns the status of a request whose target, version or framing the parser of `node:http` lets through and no server may
 * serve, or `undefined`.
 *
 * 400 for a target with a fragment (RFC 9112, section 3.2) and for HTTP/0.9, 505 for a later version than HTTP/1.1 over a
 * connection of HTTP/1.1, 501 for another transfer coding than `chunked` (RFC 9112, section 6.1).
 */
export function findHeadRefusal(head: RequestHead, url: string): number | undefined {
  if (url.includes('#')) return 400
  const { httpVersionMajor: version } = head
  if (version !== 1 && head.stream === undefined) return version === 0 ? 400 : 505
  return hasUnknownCoding(head.rawHeaders) ? 501 : undefined
}

const FIELD = 'transfer-encoding'

function hasUnknownCoding(rawHeaders: readonly string[]): boolean {
  let hasOne = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length !== FIELD.length || name.toLowerCase() !== FIELD) continue
    if (hasOne || (rawHeaders[i + 1] as string).trim().toLowerCase() !== 'chunked') return true
    hasOne = true
  }
  return false
}
