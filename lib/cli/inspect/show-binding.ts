import { relative } from 'node:path'
import type { RouteInfo } from '../../index.ts'
import { formatPattern, parseRoute } from '../../kit.ts'

/** Returns the pattern by which something is bound, for one method and one domain. */
export function patternOf({ method, route, domain }: Pick<RouteInfo, 'method' | 'route' | 'domain'>): string {
  return formatPattern({ methods: [method as 'GET'], domains: [domain], route: parseRoute(route) })
}

/** Returns the name of what is bound; a folder as it is from the working directory. */
export function nameOf({ name, type }: Pick<RouteInfo, 'name' | 'type'>): string {
  return type === 'static' ? shorten(name) : name
}

/** Returns a path or a place in a file as it is from the working directory, where that is shorter. */
export function shorten(place: string): string {
  if (!place.startsWith('/') && !/^[a-z]:\\/i.test(place)) return place
  const short = relative(process.cwd(), place)
  return short === '' ? '.' : short.length < place.length ? short : place
}
