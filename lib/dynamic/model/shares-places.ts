import { parsePattern } from '../../kit.ts'
import type { Model } from './model.ts'
import type { ReadRoute } from './route-table.ts'

/** Whether two providers have a route for the same requests. */
export function sharesPlaces(model: Model): boolean {
  const owners = new Map<string, string>()
  for (const { place, read } of model.parts) {
    if (place.type !== 'routes') continue
    for (const key of placesOf(read as Partial<ReadRoute>)) {
      if ((owners.get(key) ?? place.provider) !== place.provider) return true
      owners.set(key, place.provider)
    }
  }
  return false
}

function placesOf({ pattern, entryPoints = [''] }: Partial<ReadRoute>): string[] {
  try {
    const { methods, domains, route } = parsePattern(pattern as string)
    return methods.flatMap((method) =>
      domains.flatMap((domain) => entryPoints.map((name) => `${method} ${domain} ${route.shape} ${name}`)),
    )
  } catch {
    return []
  }
}
