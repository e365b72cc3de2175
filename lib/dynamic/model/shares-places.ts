import type { Part } from './part.ts'
import type { Model } from './model.ts'
import type { ReadRoute } from './route-table.ts'

/** Whether two providers have a route for the same requests. */
export function sharesPlaces(model: Model): boolean {
  const owners = new Map<string, string>()
  for (const part of model.parts) {
    const { place } = part
    for (const key of placesOf(part)) {
      if ((owners.get(key) ?? place.provider) !== place.provider) return true
      owners.set(key, place.provider)
    }
  }
  return false
}

function placesOf({ pattern, read }: Part): string[] {
  const { entryPoints = [''] } = read as Partial<ReadRoute>
  if (pattern === undefined) return []
  const { methods, domains, route } = pattern
  return methods.flatMap((method) =>
    domains.flatMap((domain) => entryPoints.map((name) => `${method} ${domain} ${route.shape} ${name}`)),
  )
}
