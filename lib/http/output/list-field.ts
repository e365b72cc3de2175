/** Fields whose lines are one list, so that what several parts of an application add to them belongs together. */
const listFields = new Set(['access-control-expose-headers', 'link', 'server-timing', 'set-cookie', 'vary'])

/** Those of them that list names, none of them twice. */
const nameFields = new Set(['access-control-expose-headers', 'vary'])

/** @param key the name in lower case */
export function isListField(key: string): boolean {
  return listFields.has(key)
}

/**
 * Joins two values of a field that is a list (RFC 9110, section 5.6.1).
 *
 * @param key the name in lower case
 */
export function joinList(key: string, value: string | undefined, more: string): string {
  if (nameFields.has(key)) return joinNames(key, `${value ?? ''},${more}`)
  return value === undefined || value === '' ? more : `${value}, ${more}`
}

function joinNames(key: string, text: string): string {
  const joined = new Map<string, string>()
  for (const part of text.split(',')) {
    const name = part.trim()
    const lower = name.toLowerCase()
    // RFC 9110, section 12.5.5: it stands for all others.
    if (name === '*' && key === 'vary') return '*'
    if (name !== '' && !joined.has(lower)) joined.set(lower, name)
  }
  return [...joined.values()].join(', ')
}
