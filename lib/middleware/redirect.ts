import { HttpError } from '../base/http-error.ts'
import { printablePath, type RequestCore } from '../http/request-core.ts'
import { coreOf } from '../http/request.ts'
import { viewOf } from '../http/show-request.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { oneOf } from '../options/option-kinds.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'

/** The options of `redirect`. */
export interface RedirectOptions {
  /**
   * A path, or a URL with http or https. `{path}` in it is the path of the request, `{query}` its query with the `?`, and
   * `{host}` after `//` its host without port.
   */
  to: string
  /** 301, 302, 303, 307 or 308. Default 302. */
  status?: number
}

/** The table of the options of `redirect`. */
export const redirectOptions: OptionTable<RedirectOptions, Complete<RedirectOptions>> = defineOptions<
  RedirectOptions,
  Complete<RedirectOptions>
>(
  {
    to: {
      ...option<string, { required: true }>(
        isTarget,
        'a path that begins with one "/", or a URL with http or https, in which {path}, {query} and, after "//", {host} stand for those of the request',
        { required: true },
      ),
      json: () => ({ type: 'string', minLength: 1 }),
    },
    status: oneOf<number, { default: number }>([301, 302, 303, 307, 308], { default: 302 }),
  },
  { owner: 'redirect' },
)

/**
 * Redirects every request; nothing inside runs.
 *
 * **Security.** What is filled in is encoded and stands behind the host, so that no request leads to a host that `to` doesn't
 * name; `{host}` is the one that the client asked for.
 *
 * @throws ConfigError naming an option that doesn't exist or is out of range
 */
export function redirect(options: RedirectOptions): Middleware {
  const { to, status } = redirectOptions.parse(options)
  return named('redirect', (request) => {
    const core = coreOf(request)
    request.response.redirectTo(
      to.replace(/\{(path|query|host)\}/g, (_, name: keyof typeof parts) => parts[name](core)),
      status,
    )
  })
}

const parts = {
  // With one slash at its beginning: two would name a host.
  path: (core: RequestCore) => `/${printablePath(viewOf(core).path.rawPath.replace(/^[*/]*/, ''))}`,
  query: ({ url }: RequestCore) => (url.includes('?') ? printablePath(url.slice(url.indexOf('?'))) : ''),
  host: ({ host }: RequestCore) => {
    if (host !== '') return host
    throw new HttpError(400, 'The request names no host', { failure: 'ERR_TRIBIND_REDIRECT_HOST' })
  },
}

/** Filled in, `{path}` brings its own slash. */
function isTarget(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const [, authority, rest = ''] = /^(?:https?:\/\/([^/?#{}]+|\{host\}(?::\d+)?))?(\/.*|[?#{].*|)$/i.exec(value) ?? []
  const filled = rest.replaceAll('{path}', '/p').replaceAll('{query}', '?q')
  if (/[{}\s\\]|[^\x21-\x7e]/.test(filled)) return false
  if (authority === undefined) return /^\/(?!\/)/.test(filled)
  return URL.canParse(value.replace('{host}', 'h').replace(rest, filled)) && !authority.includes('@')
}
