import type { OutgoingHttpHeaders } from 'node:http'

/** Returns header fields with their names in lower case. Of names that differ only in case, the last counts. */
export function lowerNames(headers: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
