import type { Socket } from 'node:net'
import { endGently } from './end-gently.ts'
import type { SocketReader } from './socket-reader.ts'
import type { SocksRequest } from './socks-request.ts'
import { parseTargetHost } from './target-host.ts'

/** The version of SOCKS. */
export const SOCKS4 = 4

const CONNECT = 1
const GRANTED = 90
const REJECTED = 91

const MAX_TEXT = 255

/**
 * Reads what a client of SOCKS 4 or 4a asks for, its version excepted; answers and returns `undefined` where it may not, or asks for
 * what isn't supported.
 *
 * @param isRefused whether it may not in any case: the protocol knows no passwords
 * @throws ClientGone
 */
export async function readSocks4(
  client: Socket,
  reader: SocketReader,
  isRefused: boolean,
): Promise<SocksRequest | undefined> {
  const command = await reader.takeByte()
  const port = (await reader.take(2)).readUInt16BE()
  const address = await reader.take(4)
  await reader.takeText(MAX_TEXT)
  // 4a: an address that no machine has stands for a name.
  const isNamed = address.subarray(0, 3).every((byte) => byte === 0) && address[3] !== 0
  const host = isNamed ? await reader.takeText(MAX_TEXT) : address.join('.')
  const refuse = () => {
    client.write(reply(REJECTED))
    endGently(client)
  }
  if (isRefused || command !== CONNECT) {
    refuse()
    return undefined
  }
  return {
    target: port === 0 ? undefined : parseTargetHost(host, port),
    succeed: () => void client.write(reply(GRANTED)),
    fail: refuse,
  }
}

function reply(code: number): Buffer {
  return Buffer.from([0, code, 0, 0, 0, 0, 0, 0])
}
