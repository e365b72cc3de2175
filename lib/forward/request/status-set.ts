/** A status, or all of a class: `503`, `'5xx'`. */
export type StatusPattern = number | `${number}` | `${1 | 2 | 3 | 4 | 5}xx`

/** Whether a value names statuses. */
export function isStatusPattern(value: unknown): value is StatusPattern {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 100 && value <= 599
  return typeof value === 'string' && /^[1-5](?:xx|\d\d)$/.test(value)
}

/** Returns a function that tells whether a status is among those that are named. */
export function matchStatuses(patterns: readonly StatusPattern[]): (status: number) => boolean {
  const statuses = new Set(patterns.map(String))
  if (statuses.size === 0) return () => false
  return (status) => statuses.has(String(status)) || statuses.has(`${Math.floor(status / 100)}xx`)
}
