import type { InjectResult } from '../server/inject.ts'
import type { Place } from './test-cookies.ts'
import type { Encoded } from './test-request.ts'

const redirects = new Set([301, 302, 303, 307, 308])

/** The request that a browser makes after a redirect; `undefined` for other answers, and where it leads to another host. */
export function followRedirect(request: Encoded, { status, headers }: InjectResult, from: Place): Encoded | undefined {
  const { location } = headers
  if (!redirects.has(status) || location === undefined) return undefined
  const origin = `${from.isSecure ? 'https' : 'http'}://${String(request.headers.host)}`
  const target = new URL(location, origin + request.url)
  if (target.origin !== new URL(origin).origin) return undefined
  const url = target.pathname + target.search
  return becomesGet(status, request.method) ? { ...withoutBody(request), method: 'GET', url } : { ...request, url }
}

/** RFC 9110, section 15.4: a 303 asks for another page by GET; after a 301 or 302, browsers make a POST a GET. */
function becomesGet(status: number, method: string): boolean {
  return (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
}

function withoutBody(request: Encoded): Encoded {
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith('content-'))
  return { ...request, headers: Object.fromEntries(headers), body: undefined }
}
