import { once } from 'node:events'
import tls from 'node:tls'

/** A frame as it came in: its type, its flags, its stream and its payload (RFC 9113, section 4.1). */
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export const types = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, window: 8, continuation: 9 }
export const END_STREAM = 1
export const END_HEADERS = 4
export const ACK = 1

/** A client that sends frames as the test has them, obeys no limit and acknowledges nothing. */
export interface RawSession {
  readonly socket: tls.TLSSocket
  readonly frames: readonly Frame[]
  /** Resolves when the server sends no more; the client leaves its own side open. */
  readonly closed: Promise<unknown>
  send(type: number, flags: number, stream: number, payload?: Buffer): void
  /** How many frames of a type came in. */
  count(type: number): number
}

/** @param settings the payload of the first SETTINGS */
export async function openRawSession(port: number, settings: Buffer = Buffer.alloc(0)): Promise<RawSession> {
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
    allowHalfOpen: true,
  } as tls.ConnectionOptions)
  const closed = new Promise<void>((resolve) => void socket.once('end', resolve).once('close', () => resolve()))
  await once(socket, 'secureConnect')
  const frames: Frame[] = []
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3)
      frames.push({
        type: rest.readUInt8(3),
        flags: rest.readUInt8(4),
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, end),
      })
      rest = rest.subarray(end)
    }
  })
  const send = (type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)) => {
    socket.write(frame(type, flags, stream, payload))
  }
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  send(types.settings, 0, 0, settings)
  return { socket, frames, closed, send, count: (type) => frames.filter((one) => one.type === type).length }
}

/** SETTINGS_INITIAL_WINDOW_SIZE 0: no body is taken. */
export const noWindow = Buffer.from([0, 4, 0, 0, 0, 0])

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** The fields of a request, each as a literal without indexing (RFC 7541, section 6.2.2). */
export function fields(path: string, method = 'GET', others: readonly (readonly [string, string])[] = []): Buffer {
  const all = [[':method', method], [':scheme', 'https'], [':path', path], [':authority', 'localhost'], ...others]
  return Buffer.concat(all.flatMap(([name = '', value = '']) => [Buffer.from([0]), text(name), text(value)]))
}

/** A field that the header table keeps, as its first entry: `0xbe` stands for it from then on. */
export function kept(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x40]), text(name), text(value)])
}

function text(value: string): Buffer {
  const over = value.length - 127
  const length = over < 0 ? [value.length] : [127, ...septets(over)]
  return Buffer.concat([Buffer.from(length), Buffer.from(value)])
}

function septets(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...septets(Math.floor(value / 128))]
}
