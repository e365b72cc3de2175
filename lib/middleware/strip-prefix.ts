import { type RequestView, setFields } from '../http/request-view.ts'
import { coreOf } from '../http/request.ts'
import { viewOf } from '../http/show-request.ts'
import { parsePath } from '../net/path.ts'
import { stripSegments } from '../net/raw-segments.ts'
import { parseValue } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'
import { wirePath } from './path-option.ts'
import { showInside, viewPath } from './show-inside.ts'

/** The value of `stripPrefix`, which is read as its decoded segments. */
export const stripPrefixOption: Option<string, 'always', readonly string[]> = wirePath(
  1,
  (path) => parsePath(path) as string[],
)

const PREFIX = 'X-Forwarded-Prefix'

/**
 * Takes a prefix off the path that what is inside sees: `request.path`, static folders, and what `forward` asks for. A path
 * without these whole segments, however they are written, passes unchanged.
 *
 * What was taken off is in `X-Forwarded-Prefix` for what is inside and for the nodes of `forward`. The route that was chosen
 * stays chosen, with its parameters.
 *
 * @throws ConfigError for anything but a path
 */
export function stripPrefix(prefix: string): Middleware {
  const segments = parseValue('stripPrefix', 'prefix', stripPrefixOption, prefix)
  const text = `/${segments.map(encodeURIComponent).join('/')}`
  return named('stripPrefix', (request, next) => {
    const core = coreOf(request)
    const view = viewOf(core)
    const rest = stripSegments(view.path.rawPath, segments)
    if (rest === undefined) return next()
    const change = {
      // One that begins with two slashes may be read as a host.
      ...viewPath(`/${rest.replace(/^\/+/, '')}`),
      ...setFields(
        view,
        new Map([[PREFIX.toLowerCase(), { name: PREFIX, value: addTo(view, text, core.isFromProxy) }]]),
      ),
      stripped: view.stripped + segments.length,
    }
    return showInside(core, change, next)
  })
}

/** **Security.** What a client that is no trusted proxy says of prefixes doesn't count. */
function addTo({ changes, headers }: RequestView, text: string, isFromProxy: boolean): string {
  const key = PREFIX.toLowerCase()
  const before = isFromProxy || changes.has(key) ? headers[key] : undefined
  return before === undefined ? text : `${[before].flat().join(', ')}, ${text}`
}
