import { isObject } from '../../kit.ts'

const HIDDEN = '***'

/** The names of members whose texts are secrets, also those within them. */
const secretName =
  /^(?:users|auth|password|passwd|passphrase|pass|secret|secrets|token|tokens|credentials|api[-_]?key|private[-_]?key|key|pfx|authorization|proxy-authorization|cookie|set-cookie|x-api-key)$/i

/** Of a member with a name such as `key`, these are no secrets: what requests are told apart by, and names. */
const plainKey = /^(?:ip|path|host|(?:header|cookie):.*)$/

/** Returns a configuration without its secrets: passwords, tokens, keys of TLS, fields that log in, credentials in URLs. */
export function redact(document: object): object {
  return mapMembers(document, (parts) =>
    isObject(parts) ? mapMembers(parts, (part) => redactValue(part, false)) : redactValue(parts, false),
  )
}

function redactValue(value: unknown, isSecret: boolean): unknown {
  if (typeof value === 'string') return isSecret ? HIDDEN : redactText(value)
  if (Array.isArray(value)) return value.map((item) => redactValue(item, isSecret))
  if (isObject(value)) return redactMembers(value, isSecret)
  return isSecret && typeof value === 'number' ? HIDDEN : value
}

function redactMembers(value: object, isSecret: boolean): object {
  return mapMembers(value, (member, name) => {
    const isPlainKey = name === 'key' && typeof member === 'string' && plainKey.test(member)
    return redactValue(member, isSecret || (secretName.test(name) && !isPlainKey))
  })
}

function mapMembers(value: object, map: (member: unknown, name: string) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member, name)])) as object
}

function redactText(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return HIDDEN
  return text.replace(/:\/\/[^/?#\s]*@/g, `://${HIDDEN}@`)
}
