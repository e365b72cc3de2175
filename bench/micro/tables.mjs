// The tables that are searched, and what is asked of them.

export const tableSizes = [10, 100, 1_000, 10_000, 100_000]

/** Routes as in bench/http: static ones and ones with an `:id` in turn. */
export function createRoutes(size) {
  return Array.from({ length: size }, (_, area) =>
    area % 2 === 0 ? `/api/area-${area}/items` : `/api/area-${area}/items/:id`,
  )
}

/** The kinds of request; each makes a path for a pair of routes, of which `area`, even, is the static one. */
export const requestKinds = {
  static: (area) => `/api/area-${area}/items`,
  parameter: (area) => `/api/area-${area + 1}/items/${area}42`,
  miss: (area) => `/api/area-${area}/nothing`,
}

// Few enough that they stay in the processor's cache: what is measured is the search, not the memory of the machine.
const MOST_PATHS = 50

/** The paths that are asked for in turn, of routes spread evenly over the table. */
export function createPaths(kind, size) {
  const pairs = size / 2
  const count = Math.min(MOST_PATHS, pairs)
  return Array.from({ length: count }, (_, i) => requestKinds[kind](2 * Math.floor((i * pairs) / count)))
}
