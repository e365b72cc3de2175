import { createHmac, randomBytes } from 'node:crypto'
import type { Request } from '../index.ts'
import { Problem } from './problem.ts'

// Of this process: an ETag tells nothing of the secrets in what it is of.
const own = randomBytes(32)
let shared: { readonly secret: Buffer } | undefined

/** Makes the ETags of all workers the same. */
export function shareEtags(workers: { readonly secret: Buffer }): void {
  shared = workers
}

/** Returns the ETag of something (RFC 9110, section 8.8.3): the same for equal values, whatever the order of their keys. */
export function etagOf(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (isPlainObject(inner) ? sortKeys(inner) : inner)) ?? ''
  return `"${createHmac('sha256', shared?.secret ?? own)
    .update(text)
    .digest('base64url')}"`
}

/**
 * Checks `If-Match` and `If-None-Match` (RFC 9110, section 13.1).
 *
 * @param value what is there now; `undefined` for nothing
 * @throws Problem 412
 */
export function checkConditions(request: Request, value: unknown): void {
  const current = value === undefined ? undefined : etagOf(value)
  const matches = (field: string) =>
    field.trim() === '*' ? current !== undefined : field.split(',').some((tag) => tag.trim() === current)
  const wanted = request.header('if-match')
  const unwanted = request.header('if-none-match')
  if ((wanted === undefined || matches(wanted)) && (unwanted === undefined || !matches(unwanted))) return
  const isAnother = wanted !== undefined && current !== undefined
  throw new Problem(412, isAnother ? 'It is another one by now: read it again' : 'The condition does not hold', {
    failure: 'ERR_TRIBIND_ADMIN_ETAG',
    headers: current === undefined ? {} : { ETag: current },
  })
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
