import { isIPv4, isIPv6 } from 'node:net'
import type { Target } from '../../egress/connections.ts'
import { type Parsed, receive } from '../receive.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { addressBytes } from './address-bytes.ts'
import type { Handshake } from './handshake.ts'

const VERSION = 5
const NO_AUTHENTICATION = 0
const PASSWORD = 2

/** CONNECT of SOCKS5 (RFC 1928), with names that the proxy resolves, and a user with a password (RFC 1929). */
export const socks5Connect: Handshake = async (socket, target, auth, signal) => {
  const methods = auth === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, PASSWORD]
  socket.write(Buffer.from([VERSION, methods.length, ...methods]))
  const method = await receive(socket, (bytes) => parsePair(bytes, VERSION), signal)
  if (!methods.includes(method)) throw new Error('the proxy accepts none of our ways of authentication')
  if (method === PASSWORD && auth !== undefined) {
    const { username, password } = auth
    socket.write(Buffer.concat([Buffer.from([1]), withLength(username), withLength(password)]))
    const status = await receive(socket, (bytes) => parsePair(bytes, 1), signal)
    if (status !== 0) throw new Error('the proxy wants other credentials')
  }
  socket.write(Buffer.concat([Buffer.from([VERSION, 1, 0]), ...encodeTarget(target)]))
  checkReply(await receive(socket, parseReply, signal))
}

/** The replies of RFC 1928, section 6. */
const replies: Readonly<Record<number, readonly [string, RefusalCode?]>> = {
  1: ['general failure'],
  2: ['not allowed by its rules', 'EACCES'],
  3: ['network unreachable', 'ENETUNREACH'],
  4: ['host unreachable', 'EHOSTUNREACH'],
  5: ['connection refused', 'ECONNREFUSED'],
  6: ['TTL expired', 'ETIMEDOUT'],
}

function checkReply(reply: number): void {
  if (reply === 0) return
  const [words, code] = replies[reply] ?? []
  if (words === undefined)
    throw new Error(`the proxy answered with the reply ${reply}, it does not support the request`)
  throw new Refusal(`the proxy answered "${words}"`, code)
}

/** Two bytes, of which the first is a version. */
function parsePair(bytes: Buffer, version: number): Parsed<number> | undefined {
  if (bytes.length > 0 && bytes[0] !== version) throw notSocks()
  return bytes.length < 2 ? undefined : { value: bytes[1] as number, length: 2 }
}

function parseReply(bytes: Buffer): Parsed<number> | undefined {
  if (bytes.length > 0 && bytes[0] !== VERSION) throw notSocks()
  const [, reply, , kind, first] = bytes
  if (kind === undefined) return undefined
  const lengths: Readonly<Record<number, number | undefined>> = { 1: 4, 3: first === undefined ? 1 : 1 + first, 4: 16 }
  const addressLength = lengths[kind]
  if (addressLength === undefined) throw notSocks()
  const length = 4 + addressLength + 2
  return bytes.length < length ? undefined : { value: reply as number, length }
}

function notSocks(): Error {
  return new Error('the answer of the proxy is not SOCKS5')
}

function encodeTarget({ host, port }: Target): Buffer[] {
  const [address] = host.split('%') as [string]
  const end = Buffer.from([port >> 8, port & 0xff])
  if (isIPv4(address)) return [Buffer.from([1]), addressBytes(address), end]
  if (isIPv6(address)) return [Buffer.from([4]), addressBytes(address), end]
  return [Buffer.from([3]), withLength(host), end]
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}
