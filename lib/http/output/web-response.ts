import { ResponseError } from '../../base/errors.ts'

// RFC 9110, section 7.6.1, and what no longer fits a body that fetch has decoded.
const fieldsOfConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const fieldsOfCoding = new Set(['content-encoding', 'content-length'])

/**
 * The header fields of a web `Response`, as names and values in turn; of one that `fetch` gave without those that
 * belonged to its connection, and to a coding that `fetch` has taken away.
 *
 * @throws ResponseError for `Response.error()`, which stands for no answer at all
 */
export function readWebHeaders(response: globalThis.Response): [string, string][] {
  if (response.type === 'error') throw new ResponseError('Response.error() is no response that can be sent')
  const fields = [...response.headers]
  if (response.url === '') return fields
  const isDecoded = response.headers.has('content-encoding')
  return fields.filter(([name]) => !fieldsOfConnection.has(name) && !(isDecoded && fieldsOfCoding.has(name)))
}
