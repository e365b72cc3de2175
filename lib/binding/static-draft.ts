import { statSync } from 'node:fs'
import { RouteError } from '../base/errors.ts'
import { toFolderPath } from '../http/files/locate-file.ts'
import { printValue } from '../options/print-value.ts'
import { StaticFolder } from '../static/static-folder.ts'
import type { StaticOptions } from '../static/static-options.ts'
import { splitPattern } from '../routing/pattern.ts'
import type { EndpointDraft } from './endpoint-draft.ts'
import { resolvePattern, type Scope } from './scope.ts'

/**
 * Drafts the endpoint of a static folder.
 *
 * @throws RouteError for a bad prefix or option, and for a folder that doesn't exist
 */
export function draftStatic(
  scope: Scope,
  prefix: string,
  folder: string | URL | readonly (string | URL)[],
  options: StaticOptions,
): EndpointDraft {
  const pattern = appendRest(prefix)
  const { segments } = resolvePattern(scope, pattern, 'GET').route
  if (segments.slice(0, -1).some((segment) => segment.kind === 'rest'))
    throw new RouteError(`the prefix of a static folder must not have a "*", got "${prefix}": it serves all below it`, {
      failure: 'ERR_TRIBIND_ROUTE_STATIC_PREFIX',
    })
  const roots = Array.isArray(folder) ? folder.map(findRoot) : [findRoot(folder)]
  if (roots.length === 0)
    throw new RouteError('the folders must be an array with at least one, got []', {
      failure: 'ERR_TRIBIND_ROUTE_STATIC_ROOT',
    })
  const name = roots.join(', ')
  const served = new StaticFolder(roots, segments.length - 1, options)
  return { pattern, type: 'static', name, endpoint: served.endpoint, subject: name }
}

function findRoot(folder: unknown): string {
  if (typeof folder !== 'string' && !(folder instanceof URL))
    throw new RouteError(`the folder must be a path or a file: URL, or an array of such, got ${printValue(folder)}`, {
      failure: 'ERR_TRIBIND_ROUTE_STATIC_ROOT',
    })
  const root = toFolderPath(folder)
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RouteError(`the root must be an existing folder, got ${JSON.stringify(root)}`, {
      failure: 'ERR_TRIBIND_ROUTE_STATIC_ROOT',
    })
  return root
}

/** Returns the pattern of all that is below a prefix; what is no prefix as it is, for the message. */
export function appendRest(prefix: string): string {
  if (typeof prefix !== 'string') return prefix
  const { methods, route, domains } = splitPattern(prefix)
  const all = route.startsWith('/') ? `${route}/*` : route
  return (methods === undefined ? '' : `${methods}:`) + all + (domains === undefined ? '' : `@${domains}`)
}
