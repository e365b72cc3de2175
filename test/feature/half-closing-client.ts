import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { inTime } from './both-ways.ts'
import { cert } from './key-pair.ts'

/** Sends a text, closes this side only, and returns what comes until the other side is closed. */
export async function exchange(port: number, text: string | Buffer, isSecure = false): Promise<string> {
  const socket = open(port, isSecure)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.end(text)
  await inTime(once(socket, 'end'), 'the server closes its side')
  socket.destroy()
  return Buffer.concat(chunks).toString('latin1')
}

/** A connection whose two sides close each for itself. */
export function open(port: number, isSecure: boolean): net.Socket {
  const options = { port, host: '127.0.0.1', allowHalfOpen: true }
  return isSecure ? tls.connect({ ...options, ca: cert, servername: 'localhost' }) : net.connect(options)
}

export const get = (path: string, fields = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
export const contentOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4)
export const statusesIn = (answers: string) =>
  [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
