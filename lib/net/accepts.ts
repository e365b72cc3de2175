/**
 * Returns whether a field Accept takes a media type (RFC 9110, section 12.5.1); none, or an empty one, takes any.
 *
 * @param ranges the ranges that cover the type, the most specific first: the first of them that the field lists decides
 */
export function accepts(field: string | undefined, ranges: readonly string[]): boolean {
  if (field === undefined || field.trim() === '') return true
  const weights = new Map(field.split(',').map(readRange))
  const decisive = ranges.find((range) => weights.has(range))
  return decisive !== undefined && weights.get(decisive) !== 0
}

function readRange(item: string): [range: string, weight: number] {
  const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  return [range, weight === undefined ? 1 : Number(weight.slice(2))]
}
