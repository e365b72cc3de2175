import type { OutgoingHttpHeaders } from 'node:http'

/** Header fields with their names in lower case; of several that differ in case alone, the last. */
export function lowerNames(headers: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
