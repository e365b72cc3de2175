import { STATUS_CODES } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { hopFilter, type RequestCore } from '../../kit.ts'
import type { Information } from './node-exchange.ts'

/** Sends an answer of 1xx before the one that is final. Returns false where it wasn't: `100` is sent when the body is read. */
export function informClient({ raw, response }: RequestCore, { statusCode, rawHeaders }: Information): boolean {
  // HTTP/1.0 doesn't know them (RFC 9110, section 15.2).
  if (statusCode === 100 || raw.httpVersion === '1.0' || response.sent || response.raw.destroyed) return false
  const isHop = hopFilter(undefined)
  const fields: [string, string][] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!isHop((rawHeaders[i] as string).toLowerCase()))
      fields.push([rawHeaders[i] as string, rawHeaders[i + 1] as string])
  }
  const { stream } = response.raw as { readonly stream?: ServerHttp2Stream }
  if (stream !== undefined && raw.httpVersionMajor > 1) return informOverHttp2(stream, statusCode, fields)
  const lines = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
  ]
  // What `writeEarlyHints` sends in the same way is a 103 with a Link alone.
  const { _writeRaw: write } = response.raw as unknown as { _writeRaw?: (text: string, encoding: string) => void }
  write?.call(response.raw, `${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return true
}

function informOverHttp2(stream: ServerHttp2Stream, status: number, fields: readonly [string, string][]): boolean {
  if (stream.headersSent || stream.destroyed) return false
  const headers: Record<string, string | number | string[]> = { ':status': status }
  for (const [name, value] of fields) {
    const key = name.toLowerCase()
    const before = headers[key]
    headers[key] = before === undefined ? value : [before, value].flat().map(String)
  }
  try {
    stream.additionalHeaders(headers as never)
    return true
  } catch {
    // A field that HTTP/2 doesn't allow: the client can do without the information.
    return false
  }
}
