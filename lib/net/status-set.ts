/** A status, all of a class, or a range: `503`, `'5xx'`, `'500-503'`. */
export type StatusPattern = number | `${number}` | `${1 | 2 | 3 | 4 | 5}xx` | `${number}-${number}`

const patternText = /^([1-5](?:xx|\d\d))(?:-([1-5]\d\d))?$/

/** The JSON Schema of one. */
export const statusSchema: Readonly<Record<string, unknown>> = {
  anyOf: [
    { type: 'integer', minimum: 100, maximum: 599 },
    { type: 'string', pattern: patternText.source },
  ],
}

/** Whether a value names statuses. */
export function isStatusPattern(value: unknown): value is StatusPattern {
  return readPattern(value) !== undefined
}

/** Returns a function that tells whether a status is among those that are named. */
export function matchStatuses(patterns: readonly StatusPattern[]): (status: number) => boolean {
  const ranges = patterns.map(readPattern).filter((range) => range !== undefined)
  return (status) => ranges.some(([from, to]) => status >= from && status <= to)
}

/** Returns the first and the last status of a pattern. */
function readPattern(value: unknown): readonly [number, number] | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const [, first = '', last = first] = patternText.exec(String(value)) ?? []
  if (first === '' || (first.endsWith('xx') && last !== first)) return undefined
  const [from, to] = [Number(first.replace('xx', '00')), Number(last.replace('xx', '99'))]
  return from <= to ? [from, to] : undefined
}
