import { isIPv4, type Socket } from 'node:net'
import { endGently } from './end-gently.ts'
import type { VerifyProxyUser } from './proxy-options.ts'
import type { SocketReader } from './socket-reader.ts'
import type { SocksFailure, SocksRequest } from './socks-request.ts'
import { parseTargetHost } from './target-host.ts'

/** The version of SOCKS (RFC 1928), and that of its authentication by password (RFC 1929). */
export const SOCKS5 = 5
const PASSWORD_VERSION = 1

const NO_AUTH = 0
const BY_PASSWORD = 2
const NO_METHOD = 0xff

const CONNECT = 1

const IPV4 = 1
const NAME = 3
const IPV6 = 4

/** The codes of replies (RFC 1928, section 6). */
const COMMAND_NOT_SUPPORTED = 7
const ADDRESS_NOT_SUPPORTED = 8
const replies: Readonly<Record<SocksFailure, number>> = {
  general: 1,
  rules: 2,
  network: 3,
  host: 4,
  refused: 5,
  timeout: 6,
}

/** Says that a client doesn't speak SOCKS. */
export class SocksSyntaxError extends Error {}

/**
 * Reads what a client of SOCKS 5 asks for, its version excepted; answers and returns `undefined` where it may not, or asks for what
 * isn't supported.
 *
 * @throws SocksSyntaxError; ClientGone
 */
export async function readSocks5(
  client: Socket,
  reader: SocketReader,
  verify: VerifyProxyUser | undefined,
): Promise<SocksRequest | undefined> {
  if (!(await greet(client, reader, verify))) return undefined
  const [version, command, , kind] = (await reader.take(4)) as unknown as readonly number[]
  if (version !== SOCKS5) throw new SocksSyntaxError(`the version of a request must be 5, got ${version}`)
  if (command !== CONNECT) return refuse(client, COMMAND_NOT_SUPPORTED)
  const host = await readHost(reader, kind)
  if (host === undefined) return refuse(client, ADDRESS_NOT_SUPPORTED)
  const port = (await reader.take(2)).readUInt16BE()
  return {
    target: port === 0 ? undefined : parseTargetHost(host, port),
    succeed: ({ localAddress = '', localPort = 0 }) => void client.write(reply(0, localAddress, localPort)),
    fail: (failure) => refuse(client, replies[failure]),
  }
}

/** Agrees on a method, and asks for name and password where they are needed. Returns whether the client may go on. */
async function greet(client: Socket, reader: SocketReader, verify: VerifyProxyUser | undefined): Promise<boolean> {
  const methods = await reader.take(await reader.takeByte())
  const method = verify === undefined ? NO_AUTH : BY_PASSWORD
  const isOffered = methods.includes(method)
  client.write(Buffer.from([SOCKS5, isOffered ? method : NO_METHOD]))
  if (!isOffered) {
    endGently(client)
    return false
  }
  return verify === undefined || authenticate(client, reader, verify)
}

async function authenticate(client: Socket, reader: SocketReader, verify: VerifyProxyUser): Promise<boolean> {
  const version = await reader.takeByte()
  if (version !== PASSWORD_VERSION)
    throw new SocksSyntaxError(`the version of the authentication must be 1, got ${version}`)
  const user = (await reader.take(await reader.takeByte())).toString()
  const password = (await reader.take(await reader.takeByte())).toString()
  // It stands for bytes that aren't UTF-8.
  const isText = !`${user}${password}`.includes('\ufffd')
  const isUser: unknown = isText && (await verify(user, password))
  client.write(Buffer.from([PASSWORD_VERSION, isUser === true ? 0 : 1]))
  if (isUser === true) return true
  endGently(client)
  return false
}

async function readHost(reader: SocketReader, kind: number | undefined): Promise<string | undefined> {
  if (kind === IPV4) return (await reader.take(4)).join('.')
  if (kind === NAME) return (await reader.take(await reader.takeByte())).toString('latin1')
  if (kind !== IPV6) return undefined
  const bytes = await reader.take(16)
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':')
}

function refuse(client: Socket, code: number): undefined {
  client.write(reply(code))
  endGently(client)
  return undefined
}

/** @param address of the connection to the target; without one, none is told */
function reply(code: number, address = '', port = 0): Buffer {
  const bytes = isIPv4(address) ? [IPV4, ...address.split('.').map(Number)] : [IPV4, 0, 0, 0, 0]
  return Buffer.from([SOCKS5, code, 0, ...bytes, port >> 8, port & 255])
}
