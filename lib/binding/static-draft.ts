import { statSync } from 'node:fs'
import { RouteError } from '../base/errors.ts'
import type { RequestPath } from '../net/path.ts'
import { toFolderPath } from '../http/files/locate-file.ts'
import { StaticFolder, type StaticOptions } from '../static/static-folder.ts'
import { readParams } from '../routing/match-route.ts'
import { type Pattern, splitPattern } from '../routing/pattern.ts'
import { RegistrationSite } from './registration-site.ts'
import type { RegisteredService } from './registry.ts'
import { resolvePattern, type Scope } from './scope.ts'

/**
 * Reads what a static folder is to be served by.
 *
 * @throws RouteError for a bad prefix or option, and for a folder that isn't there
 */
export function draftStatic(
  scope: Scope,
  prefix: string,
  folder: string | URL,
  options: StaticOptions,
): { pattern: Pattern; value: RegisteredService } {
  const pattern = resolvePattern(scope, appendRest(prefix), 'GET')
  const { route } = pattern
  if (route.segments.slice(0, -1).some((segment) => segment.kind === 'rest'))
    throw new RouteError('the prefix of a static folder has no "*"')
  const root = toFolderPath(folder)
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RouteError(`${JSON.stringify(root)} is no folder`)
  const served = new StaticFolder(root, route.segments.length - 1, options)
  const value = {
    route: route.text,
    reader: { read: (path: RequestPath) => readParams(route, path) },
    endpoint: served.serve.bind(served),
    groups: scope.groups,
    type: 'static',
    name: root,
    site: new RegistrationSite(),
  } as const
  return { pattern, value }
}

function appendRest(prefix: string): string {
  if (typeof prefix !== 'string') return prefix
  const { methods, route, domains } = splitPattern(prefix)
  const all = route.startsWith('/') ? `${route}/*` : route
  return (methods === undefined ? '' : `${methods}:`) + all + (domains === undefined ? '' : `@${domains}`)
}
