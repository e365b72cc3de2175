import type { ServerResponse } from 'node:http'
import { isListField, joinList } from './list-field.ts'
import { type HeadField, ResponseHeaders, toHeadField } from './response-headers.ts'

/** Sets fields on a response of `node:http`, in place of those of the same name. */
export function lendFields(headers: ResponseHeaders | undefined, raw: ServerResponse): void {
  for (const { name, values } of headers?.fields() ?? []) raw.setHeader(name, valueOf(name, values))
}

/**
 * Takes all fields off a response of `node:http`.
 *
 * @param lent those that were there first: what was joined to their lists stays
 */
export function takeFields(raw: ServerResponse, lent: ResponseHeaders | undefined): ResponseHeaders {
  const headers = new ResponseHeaders()
  for (const name of namesOf(raw)) {
    headers.set(name, [raw.getHeader(name)].flat().map(String))
    raw.removeHeader(name)
  }
  for (const [key, value] of lent?.joined() ?? []) headers.join(key, value)
  return headers
}

/**
 * Writes a head together with the fields that were set on the response of `node:http` itself.
 *
 * A field of the head replaces one of the same name, or is joined to it where it is a list. They are set one by one, since
 * `writeHead` of Node 20 keeps but the last of several lines of one name once anything was set before it.
 *
 * @param head names and values in turn
 */
export function writeJoinedHead(raw: ServerResponse, status: number, head: readonly HeadField[]): void {
  const headers = new ResponseHeaders()
  for (let i = 0; i < head.length; i += 2) headers.add(head[i] as string, head[i + 1] as HeadField)
  // What others set as text is handed over as `toHeadField` says.
  const length = raw.getHeader('content-length')
  if (typeof length === 'string' && !headers.has('content-length')) headers.set('Content-Length', length)
  const before = (name: string) => [raw.getHeader(name) ?? []].flat().map(String)
  for (const line of before('set-cookie').reverse()) headers.addFirst('Set-Cookie', line)
  for (const { name } of headers.fields()) {
    const key = name.toLowerCase()
    const lines = before(key)
    if (key === 'set-cookie' || !isListField(key) || lines.length === 0) continue
    headers.set(name, joinList(key, lines.join(', '), headers.get(key) ?? ''))
  }
  lendFields(headers, raw)
  raw.writeHead(status)
}

/** As they were set; HTTP/2 has them in lower case only. */
function namesOf(raw: ServerResponse & { getRawHeaderNames?: () => string[] }): string[] {
  return raw.getRawHeaderNames?.() ?? raw.getHeaderNames()
}

function valueOf(name: string, values: readonly string[]): HeadField | readonly string[] {
  return values.length === 1 ? toHeadField(name.toLowerCase(), values[0] as string) : values
}
