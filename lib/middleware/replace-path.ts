import { coreOf } from '../http/request.ts'
import { parseValue } from '../options/define-options.ts'
import type { Option } from '../options/option.ts'
import type { Middleware } from '../pipeline/exchange.ts'
import { named } from './named.ts'
import { wirePath } from './path-option.ts'
import { showInside, viewPath } from './show-inside.ts'

/** The value of `replacePath`. */
export const replacePathOption: Option<string, 'always'> = wirePath(0, (path) => path)

/**
 * Replaces the path that what is inside sees: `request.path`, static folders, and what `forward` asks for; the query stays.
 *
 * The route that was chosen stays chosen, with its parameters.
 *
 * @throws ConfigError for anything but a path
 */
export function replacePath(path: string): Middleware {
  const change = viewPath(parseValue('replacePath', 'path', replacePathOption, path))
  return named('replacePath', (request, next) => {
    return showInside(coreOf(request), change, next)
  })
}
