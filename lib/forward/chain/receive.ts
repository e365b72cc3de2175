import type { Socket } from 'node:net'

/** What was read of the beginning of what came in, and how many bytes of it that were. */
export interface Parsed<T> {
  readonly value: T
  readonly length: number
}

const MAX_BYTES = 16 * 1024

/**
 * Reads one message from a connection, and leaves what comes behind it to the next reader.
 *
 * It listens to `readable`, never to `data`: taking off the only listener to `data` leaves the socket either flowing or paused for good.
 *
 * @param parse returns `undefined` until the message is complete; throws if it isn't one
 */
export function receive<T>(
  socket: Socket,
  parse: (bytes: Buffer) => Parsed<T> | undefined,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    const end = () => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', fail)
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: Error) => {
      end()
      reject(error)
    }
    const onEnd = () => fail(new Error('the connection was closed within the handshake'))
    const onAbort = () => fail(signal.reason as Error)
    const onReadable = () => {
      for (let more = socket.read() as Buffer | null; more !== null; more = socket.read() as Buffer | null)
        bytes = Buffer.concat([bytes, more])
      try {
        const parsed = parse(bytes)
        if (parsed !== undefined) {
          end()
          if (bytes.length > parsed.length) socket.unshift(bytes.subarray(parsed.length))
          resolve(parsed.value)
        } else if (bytes.length > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`)
      } catch (error) {
        fail(error as Error)
      }
    }
    socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', fail)
    signal.addEventListener('abort', onAbort)
  })
}
