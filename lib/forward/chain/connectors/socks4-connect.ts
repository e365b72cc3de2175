import { isIPv4, isIPv6 } from 'node:net'
import { type Parsed, receive } from '../receive.ts'
import { Refusal } from '../refusal.ts'
import { addressBytes } from './address-bytes.ts'
import type { Handshake } from './handshake.ts'

const GRANTED = 0x5a
const REFUSED = 0x5b

/** CONNECT of SOCKS4, and of SOCKS4a for names, which the proxy resolves. */
export const socks4Connect: Handshake = async (socket, { host, port }, auth, signal) => {
  if (isIPv6(host)) throw new Refusal('SOCKS4 has no IPv6 addresses', 'ENETUNREACH')
  const isAddress = isIPv4(host)
  const address = addressBytes(isAddress ? host : '0.0.0.1')
  const texts = [auth?.username ?? '', ...(isAddress ? [] : [host])].map((text) => Buffer.from(`${text}\0`))
  socket.write(Buffer.concat([Buffer.from([4, 1, port >> 8, port & 0xff]), address, ...texts]))
  const reply = await receive(socket, parseReply, signal)
  if (reply === GRANTED) return
  if (reply === REFUSED) throw new Refusal('the proxy rejected the request or failed', undefined)
  throw new Error(`the proxy answered with the reply ${reply}, it wants another user`)
}

function parseReply(bytes: Buffer): Parsed<number> | undefined {
  if (bytes.length > 0 && bytes[0] !== 0) throw new Error('the answer of the proxy is not SOCKS4')
  return bytes.length < 8 ? undefined : { value: bytes[1] as number, length: 8 }
}
