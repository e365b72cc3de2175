import type { IncomingMessage, ServerResponse } from 'node:http'
import { RouteError } from '../base/errors.ts'
import { printValue } from '../options/print-value.ts'
import { coreOf, type Request } from '../http/request.ts'
import { findRawSegments } from '../net/raw-segments.ts'
import { draftHandler, type EndpointDraft } from './endpoint-draft.ts'
import { leaveUntold } from './openapi.ts'
import { resolvePattern, type Scope } from './scope.ts'
import { appendRest } from './static-draft.ts'

/** What can be mounted: another `Server`, or what has such a listener of `request` of `node:http`. */
export interface Mountable {
  handle(request: IncomingMessage, response: ServerResponse): unknown
}

/**
 * Drafts the endpoint that hands all requests below a prefix to another server.
 *
 * @throws RouteError for a bad prefix, and for anything but a server
 */
export function draftMount(scope: Scope, prefix: string, other: Mountable): EndpointDraft {
  if (typeof (other as Partial<Mountable> | undefined)?.handle !== 'function')
    throw new RouteError(`the argument must be a Server, or an object with "handle", got ${printValue(other)}`, {
      failure: 'ERR_TRIBIND_ROUTE_OBJECT',
    })
  const pattern = appendRest(prefix)
  const { segments } = resolvePattern(scope, pattern, 'ALL').route
  if (segments.slice(0, -1).some(({ kind }) => kind === 'rest'))
    throw new RouteError(`the prefix must not have a "*", got "${prefix}": all below it is mounted`, {
      failure: 'ERR_TRIBIND_ROUTE_STATIC_PREFIX',
    })
  const count = segments.length - 1
  const draft = draftHandler(pattern, function mount(request) {
    const url = stripUrl(request, count)
    const { request: raw, response } = request.response.hijack()
    raw.url = url
    other.handle(raw, response)
  })
  // The other server may have a document of its own.
  leaveUntold(draft.endpoint)
  return { ...draft, subject: other }
}

/** The target of a request without the first segments of its path. */
function stripUrl(request: Request, count: number): string {
  const { rawPath, url } = coreOf(request)
  // Of a target in absolute form.
  const [origin = ''] = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(url) ?? []
  const query = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  const rest = rawPath.slice(findRawSegments(rawPath)[count - 1]?.end ?? 0)
  // One that begins with two slashes may be read as a host.
  return `${origin}/${rest.replace(/^\/+/, '')}${query}`
}
