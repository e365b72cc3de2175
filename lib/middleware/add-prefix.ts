import { coreOf } from '../http/request.ts'
import { viewOf } from '../http/show-request.ts'
import { parseValue } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'
import { wirePath } from './path-option.ts'
import { showInside, viewPath } from './show-inside.ts'

/** The value of `addPrefix`. */
export const addPrefixOption: Option<string, 'always'> = wirePath(1, (path) => path.replace(/\/+$/, ''))

/**
 * Puts a prefix before the path that what is inside sees: `request.path`, static folders, and what `forward` asks for.
 *
 * The route that was chosen stays chosen, with its parameters.
 *
 * @throws ConfigError for anything but a path
 */
export function addPrefix(prefix: string): Middleware {
  const added = parseValue('addPrefix', 'prefix', addPrefixOption, prefix)
  return named('addPrefix', (request, next) => {
    const core = coreOf(request)
    const { rawPath } = viewOf(core).path
    // The target of OPTIONS may be `*`.
    return rawPath.startsWith('/') ? showInside(core, viewPath(added + rawPath), next) : next()
  })
}
