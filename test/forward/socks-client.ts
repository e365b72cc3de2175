import type net from 'node:net'
import { join, take } from './proxy-world.ts'

/** Greets a proxy of SOCKS 5 and offers methods. Returns the method that it chose. */
export async function greet(
  port: number,
  methods: readonly number[] = [0],
): Promise<{ socket: net.Socket; method: number }> {
  const socket = await join(port)
  socket.write(Buffer.from([5, methods.length, ...methods]))
  const [, method = -1] = await take(socket, 2)
  return { socket, method }
}

/** Sends a name and password (RFC 1929). Returns the status. */
export async function login(socket: net.Socket, user: string, password: string): Promise<number> {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)]
  socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([secret.length]), secret]))
  const [, status = -1] = await take(socket, 2)
  return status
}

export function ipv4(address: string): number[] {
  return [1, ...address.split('.').map(Number)]
}

export function name(text: string): number[] {
  return [3, text.length, ...Buffer.from(text)]
}

/** `::1` */
export const ipv6Loopback: number[] = [4, ...Array.from({ length: 15 }, () => 0), 1]

/** Asks for a target. Returns the code of the reply. */
export async function ask(socket: net.Socket, host: readonly number[], port: number, command = 1): Promise<number> {
  socket.write(Buffer.from([5, command, 0, ...host, port >> 8, port & 255]))
  const [, code = -1] = await take(socket, 10)
  return code
}

/** Asks a proxy without authentication for a target. */
export async function askSocks5(
  proxy: number,
  host: readonly number[],
  port: number,
): Promise<{ socket: net.Socket; code: number }> {
  const { socket } = await greet(proxy)
  return { socket, code: await ask(socket, host, port) }
}
