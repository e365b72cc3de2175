/** The value of a Vary field (RFC 9110, section 12.5.5) with other names in it, none of them twice. */
export function joinVary(value: string | undefined, names: string): string {
  const joined = new Map<string, string>()
  for (const part of `${value ?? ''},${names}`.split(',')) {
    const name = part.trim()
    const key = name.toLowerCase()
    if (name === '*') return '*'
    if (name !== '' && !joined.has(key)) joined.set(key, name)
  }
  return [...joined.values()].join(', ')
}
