import { once } from 'node:events'
import type http from 'node:http'
import { type ClientOptions, WebSocket } from 'ws'
import { inTime } from './both-ways.ts'

export const key = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A client that keeps what comes in. */
export interface Client {
  readonly socket: WebSocket
  readonly messages: string[]
  /** The head of the 101. */
  readonly upgrade: http.IncomingMessage
  /** The code it was closed with, and the reason. */
  readonly closed: Promise<[number, string]>
}

/** Opens a WebSocket; rejects with `Unexpected server response: …` where there is none. */
export async function connect(
  port: number,
  path: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options.protocols ?? [], options)
  const messages: string[] = []
  socket.on('message', (data: Buffer) => messages.push(data.toString()))
  const closed = new Promise<[number, string]>((resolve) => {
    socket.on('close', (code, reason) => resolve([code, reason.toString()]))
  })
  let upgrade: http.IncomingMessage | undefined
  socket.once('upgrade', (head) => (upgrade = head))
  await inTime(once(socket, 'open'), 'the socket is open')
  socket.on('error', () => {})
  return { socket, messages, upgrade: upgrade as http.IncomingMessage, closed }
}

/** The head of an upgrade as text; a field that is `undefined` is left out. */
export function upgradeHead(target: string, fields: Record<string, string | undefined> = {}, method = 'GET'): string {
  const all: Record<string, string | undefined> = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...fields,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]))
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}
