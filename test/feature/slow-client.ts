import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Asks once and takes the answer a little at a time; gives its body, still in its chunks. */
export async function readSlowly(port: number, head: string): Promise<Buffer> {
  const socket = net.connect({ port, host: '127.0.0.1' })
  socket.write(head.replaceAll('\n', '\r\n') + '\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer)
    if (chunks.length < 20) await sleep(2)
  }
  const all = Buffer.concat(chunks)
  return all.subarray(all.indexOf('\r\n\r\n') + 4)
}

/** The content of a chunked body (RFC 9112, section 7.1); throws for one cut short. */
export function dechunk(body: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.toString('latin1', at, end), 16)
    if (end < 0 || Number.isNaN(size)) throw new Error('the body is cut short')
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}
