import { ResponseError } from '../../base/errors.ts'

/**
 * The target of a redirect as the Location field carries it (RFC 9110, section 10.2.2): what isn't ASCII is
 * percent-encoded.
 *
 * @throws ResponseError for control characters and for an absolute target other than http and https
 */
export function encodeRedirect(target: string): string {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(target)?.[1]?.toLowerCase()
  if (/[\0-\x1f\x7f]/.test(target) || (scheme !== undefined && scheme !== 'http' && scheme !== 'https')) {
    throw new ResponseError(`a redirect goes to http, https or a relative target, not to ${JSON.stringify(target)}`)
  }
  return target.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}

/** The page a client came from, where it is one of its own host, in the form of a URL: nothing in it that a field can't have. */
export function findOwnPage(referer: string | undefined, hostField: string | undefined): string | undefined {
  return referer !== undefined && isOwnPage(referer, hostField) ? new URL(referer).href : undefined
}

/** Whether the page a client came from, by its Referer field, is one of the host of the Host field, port included. */
export function isOwnPage(referer: string, hostField: string | undefined): boolean {
  if (!URL.canParse(referer)) return false
  const { protocol, host, username, password } = new URL(referer)
  const own = `${protocol}//${hostField ?? ''}`
  const isWeb = protocol === 'http:' || protocol === 'https:'
  // Both are read as URLs, which leave out the port that the scheme has anyhow.
  return isWeb && username === '' && password === '' && URL.canParse(own) && host === new URL(own).host
}
