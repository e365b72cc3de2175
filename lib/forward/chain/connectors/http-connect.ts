import { isIPv6 } from 'node:net'
import { type Parsed, receive } from '../receive.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import type { Handshake } from './handshake.ts'

// More than a proxy has reason to send before its answer.
const MAX_INTERIM = 10

/** The method CONNECT (RFC 9110, section 9.3.6), with Basic credentials (RFC 7617). */
export const httpConnect: Handshake = async (socket, { host, port }, auth, signal) => {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  const credentials = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  const field = credentials === undefined ? '' : `Proxy-Authorization: Basic ${credentials}\r\n`
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${field}\r\n`)
  for (let i = 0; i < MAX_INTERIM; i++) {
    const status = await receive(socket, parseHead, signal)
    if (status >= 200) return checkStatus(status)
  }
  throw new Error(`the proxy sent ${MAX_INTERIM} interim responses without an answer`)
}

/** What these say is of the proxy, and not of the target. */
const ofProxy: Readonly<Record<number, string>> = {
  400: ': it does not understand the request',
  // Tinyproxy answers so to wrong credentials.
  401: ': it wants other credentials',
  405: ': it is no proxy for CONNECT',
  407: ': it wants other credentials',
  501: ': it is no proxy for CONNECT',
}

const codes: Readonly<Record<number, RefusalCode>> = { 403: 'EACCES', 504: 'ETIMEDOUT' }

function checkStatus(status: number): void {
  if (status < 300) return
  const reason = ofProxy[status]
  if (reason !== undefined) throw new Error(`the proxy answered ${status}${reason}`)
  throw new Refusal(`the proxy answered ${status}`, codes[status])
}

/** Reads a head up to the empty line, and returns its status. What a 2xx says of a body doesn't count. */
function parseHead(bytes: Buffer): Parsed<number> | undefined {
  const begin = bytes.toString('latin1', 0, 13)
  if (!'HTTP/1.'.startsWith(begin.slice(0, 7))) throw new Error('the answer of the proxy is not HTTP/1')
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [, status] = /^HTTP\/1\.[01] ([1-9]\d\d)[ \r]/.exec(begin) ?? []
  if (status === undefined) throw new Error('the answer of the proxy has no status line of HTTP/1')
  return { value: Number(status), length: end + 4 }
}
