import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'

/**
 * The target of a redirect as the Location field carries it (RFC 9110, section 10.2.2): what isn't ASCII is
 * percent-encoded.
 *
 * @throws ResponseError for what is neither text nor a URL, for control characters, and for an absolute target other than
 * http and https
 */
export function encodeRedirect(url: string | URL): string {
  const target = url instanceof URL ? url.href : url
  if (typeof target !== 'string')
    throw new ResponseError(`redirect target must be a string or a URL, got ${printValue(target)}`, {
      failure: 'ERR_TRIBIND_RESPONSE_REDIRECT_TARGET',
    })
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(target)?.[1]?.toLowerCase()
  if (/[\0-\x1f\x7f]/.test(target) || (scheme !== undefined && scheme !== 'http' && scheme !== 'https')) {
    throw new ResponseError(
      `redirect target must be http, https or relative, without control characters, got ${printValue(target)}`,
      { failure: 'ERR_TRIBIND_RESPONSE_REDIRECT_TARGET' },
    )
  }
  return target.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}

/** What of a request says which page its client came from, and what its own address is. */
export interface Referred {
  readonly protocol: string
  /** The host with its port; `undefined` where the client names none. */
  readonly authority: string | undefined
  /** The request target as received. */
  readonly url: string
  header(name: string): string | undefined
}

/**
 * Returns the page a client came from if it is one of the request's own host, port included, as text for the Location field.
 *
 * A Referer may be relative to the request's own address (RFC 9110, section 10.1.3). Then the page is a path, since the client
 * knows its scheme, and a server behind a proxy need not.
 */
export function findOwnPage(request: Referred): string | undefined {
  const referer = request.header('referer')
  const own = `${request.protocol}://${request.authority ?? ''}`
  if (!referer || !URL.canParse(own)) return undefined
  const base = URL.canParse(request.url, own) ? new URL(request.url, own) : new URL(own)
  if (!URL.canParse(referer, base.href)) return undefined
  const page = new URL(referer, base.href)
  const isWeb = page.protocol === 'http:' || page.protocol === 'https:'
  if (!isWeb || page.username !== '' || page.password !== '' || !isSameHost(page, request.authority)) return undefined
  // A path that begins with `//` would be read as a host.
  const isWhole = URL.canParse(referer) || page.pathname.startsWith('//')
  return isWhole ? page.href : page.href.slice(page.origin.length)
}

/** Both are read as URLs of the page's scheme, which leave out the port that is its default. */
function isSameHost(page: URL, authority: string | undefined): boolean {
  const own = `${page.protocol}//${authority ?? ''}`
  return URL.canParse(own) && new URL(own).host === page.host
}
