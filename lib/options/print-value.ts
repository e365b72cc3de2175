import { inspect } from 'node:util'

const MAX_LENGTH = 80

/** Prints a value for a message, in one short line. Calls nothing of the value's own. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return shorten(JSON.stringify(value))
  if (value instanceof URL) return shorten(JSON.stringify(value.href))
  return shorten(inspect(value, { depth: 0, customInspect: false, breakLength: Infinity, maxStringLength: MAX_LENGTH }))
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text
}
