/** Fields of one connection (RFC 9110, section 7.6.1), also those that no standard knows any more. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Fields that must not come after a body (RFC 9110, section 6.5.1). */
const notInTrailers =
  /^(?:content-(?:length|encoding|type|range)|host|trailer|authorization|set-cookie|cookie|expect|te|via|cache-control|max-forwards)$/

/** Names and values in turn, as `node:http` has them. */
export type RawFields = readonly string[]

/** Returns the fields that are for the other end, without those named `left`. */
export function endToEndFields(fields: RawFields, ...left: readonly string[]): string[] {
  const named = new Set([...left, ...connectionOptionsOf(fields)])
  return filterFields(fields, (name) => !hopByHop.has(name) && !named.has(name))
}

/** Returns trailers as pairs, as `node:http` takes them. */
export function endToEndTrailers(trailers: RawFields): [string, string][] {
  const kept = filterFields(trailers, (name) => !hopByHop.has(name) && !notInTrailers.test(name))
  return Array.from({ length: kept.length / 2 }, (_, i) => [kept[2 * i] as string, kept[2 * i + 1] as string])
}

/** Returns the values of a field, in order. */
export function valuesOf(fields: RawFields, name: string): string[] {
  return filterFields(fields, (other) => other === name).filter((_, i) => i % 2 === 1)
}

/** What `Connection` names, in lower case. */
function connectionOptionsOf(fields: RawFields): string[] {
  return valuesOf(fields, 'connection').flatMap((value) =>
    value.split(',').map((option) => option.trim().toLowerCase()),
  )
}

function filterFields(fields: RawFields, keeps: (name: string) => boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i] as string, fields[i + 1] as string]
    if (keeps(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}
