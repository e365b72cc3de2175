import type { Middleware, Request } from '../index.ts'
import type { OwnAddress } from './own-address.ts'
import { Problem } from './problem.ts'
import type { TokenCheck } from './token-check.ts'

/** What decides who may do what. */
export interface GuardParts {
  /** Known once the address is bound. */
  readonly address: () => OwnAddress
  /** `undefined` where no token is needed. */
  readonly token: TokenCheck | undefined
  /** The routes that need no token. */
  readonly open: ReadonlySet<string>
  /** The route of the page, which links of other sites may lead to: it shows nothing without the token. */
  readonly page: string
}

/**
 * Returns the middleware that all requests to the administration pass, those for paths that don't exist, too.
 *
 * **Security**: what a browser sends for a page of another site is refused before the token is looked at; a token is never taken from a
 * cookie or the query, which browsers would send along; and nothing is changed by a request that a form or a link can make.
 */
export function createGuard({ address, token, open, page }: GuardParts): Middleware {
  return async (request, next) => {
    checkPlace(request, address(), page)
    if (token !== undefined && !open.has(request.route ?? '')) await token.check(request.header('authorization'))
    checkType(request)
    await next()
  }
}

function checkPlace(request: Request, address: OwnAddress, page: string): void {
  const host = request.header('host')
  // A target with a host of its own (RFC 9112, section 3.2.2) would overrule the field.
  const isRelative = request.url.startsWith('/') || request.url === '*'
  if (!isRelative || !address.isHost(host))
    throw new Problem(403, `The Host ${JSON.stringify(host ?? '')} is not the address of the administration`, {
      failure: 'ERR_TRIBIND_ADMIN_HOST',
    })
  const origin = request.header('origin')
  if ((origin !== undefined && !address.isOrigin(origin, host)) || isFromElsewhere(request, page))
    throw new Problem(403, 'Pages of other origins have no access to the administration', {
      failure: 'ERR_TRIBIND_ADMIN_ORIGIN',
    })
}

/** Whether a browser says that a page of another origin has made it send the request (Fetch Metadata Request Headers). */
function isFromElsewhere(request: Request, page: string): boolean {
  const site = request.header('sec-fetch-site')
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  const isLink = request.header('sec-fetch-mode') === 'navigate' && request.header('sec-fetch-dest') === 'document'
  return !(isLink && request.method === 'GET' && request.route === page)
}

function checkType({ method, headers }: Request): void {
  if (method === 'GET' || method === 'HEAD') return
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  const name = type.trim().toLowerCase()
  if (name === 'application/json' || (method === 'PATCH' && name === 'application/merge-patch+json')) return
  throw new Problem(415, `A ${method} request must have the Content-Type application/json, without a body, too`, {
    failure: 'ERR_TRIBIND_ADMIN_TYPE',
  })
}
