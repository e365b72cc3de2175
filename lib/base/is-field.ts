import { validateHeaderName, validateHeaderValue } from 'node:http'

/** Whether a name and a value are those of a header field, as Node.js sends it (RFC 9110, section 5). */
export function isField(name: string, value: unknown): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value as string)
    return typeof value === 'string'
  } catch {
    return false
  }
}
