import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { Server } from 'tribind'
import type { EntryPointOptions } from 'tribind'
import { collectingLogger, type Entry, inTime } from '../feature/both-ways.ts'

type Handler = NonNullable<EntryPointOptions['handler']>

const open: { close(): unknown }[] = []

/** Closes what the tests have left open. */
export async function closeAll(): Promise<void> {
  for (const one of open.splice(0).toReversed()) await one.close()
}

/** A server with a proxy at the entry point `proxy`. */
export interface ProxyWorld {
  readonly server: Server
  readonly port: number
  readonly log: Entry[]
  readonly stats: () => NonNullable<ReturnType<ReturnType<Server['entryPoint']>['status']>['stats']>
}

export async function openProxy(handler: Handler, options: Partial<EntryPointOptions> = {}): Promise<ProxyWorld> {
  const log: Entry[] = []
  const proxy = { address: '127.0.0.1:0', enableStats: true, handler, ...options }
  const server = new Server({ logger: collectingLogger(log), entryPoints: { proxy } })
  await server.start()
  open.push({ close: () => server.stop() })
  const stats = () => server.entryPoint('proxy').status().stats ?? raise('there are no statistics')
  return { server, port: Number(server.addresses[0]?.split(':').at(-1)), log, stats }
}

function raise(message: string): never {
  throw new Error(message)
}

/** A server that isn't ours. */
export interface Origin {
  readonly port: number
  /** The heads that came in. */
  readonly requests: http.IncomingMessage[]
  readonly connections: net.Socket[]
}

/** Opens a server of `node:http`; by default it answers with what it was asked. */
export async function openOrigin(
  serve: http.RequestListener = (request, response) => response.end(`${request.method} ${request.url}`),
  host = '127.0.0.1',
): Promise<Origin> {
  const requests: http.IncomingMessage[] = []
  const server = http.createServer((request, response) => {
    requests.push(request)
    serve(request, response)
  })
  return { requests, ...(await listen(server, host)) }
}

/** Opens a server of connections; by default it sends back what comes. */
export async function openTcp(
  serve: (socket: net.Socket) => unknown = (socket) => socket.pipe(socket),
  host = '127.0.0.1',
): Promise<Omit<Origin, 'requests'>> {
  return listen(
    net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      serve(socket)
    }),
    host,
  )
}

async function listen(server: net.Server, host: string): Promise<Omit<Origin, 'requests'>> {
  const connections: net.Socket[] = []
  server.on('connection', (socket) => connections.push(socket))
  await once(server.listen(0, host), 'listening')
  const close = () => {
    for (const socket of connections) socket.destroy()
    server.close()
  }
  open.push({ close })
  return { port: (server.address() as net.AddressInfo).port, connections }
}

/** Connects a client, which doesn't close its side when the other does. */
export async function join(port: number, host = '127.0.0.1'): Promise<net.Socket> {
  const socket = net.connect({ port, host, allowHalfOpen: true })
  socket.on('error', () => {})
  open.push({ close: () => socket.destroy() })
  await once(socket, 'connect')
  return socket
}

/** Sends a text and returns all that comes until the other side ends. */
export async function exchange(port: number, text: string | Buffer): Promise<string> {
  const socket = await join(port)
  socket.write(text)
  const received = await readAll(socket)
  socket.destroy()
  return received
}

/** Returns all that comes until the other side ends. */
export async function readAll(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await inTime(
    new Promise((resolve) => socket.once('end', resolve).once('close', resolve)),
    'the other side ends',
    10_000,
  )
  return Buffer.concat(chunks).toString('latin1')
}

/** Resolves when the other side of a connection that is read from has closed it, in whatever way. */
export function closed(socket: net.Socket | undefined): Promise<unknown> {
  return inTime(
    new Promise((resolve) =>
      socket?.destroyed === true || socket?.readableEnded === true
        ? resolve(true)
        : socket?.once('end', resolve).once('close', resolve),
    ),
    'it is closed',
    10_000,
  )
}

/** Returns a port at which nothing listens. */
export async function findUnusedPort(): Promise<number> {
  const server = net.createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function readableOrOver(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('readable', done).off('end', done).off('close', done)
      resolve()
    }
    socket.on('readable', done).on('end', done).on('close', done)
  })
}

/** Returns the next bytes of a connection, that many of them. */
export async function take(socket: net.Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let missing = length
  while (missing > 0) {
    const chunk = socket.read(Math.min(missing, socket.readableLength)) as Buffer | null
    if (chunk !== null) {
      chunks.push(chunk)
      missing -= chunk.length
    } else if (socket.readableEnded || socket.destroyed) throw new Error('the connection has ended')
    else await inTime(readableOrOver(socket), `${missing} more bytes have come`, 10_000)
  }
  return Buffer.concat(chunks)
}

/** Returns the head that comes next on a connection. */
export async function takeHead(socket: net.Socket): Promise<string> {
  let head = ''
  while (!head.endsWith('\r\n\r\n')) head += (await take(socket, 1)).toString('latin1')
  return head
}

/** Opens a tunnel through a proxy of HTTP. */
export async function tunnelTo(
  port: number,
  authority: string,
  fields = '',
): Promise<{ head: string; socket: net.Socket }> {
  const socket = await join(port)
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${fields}\r\n`)
  return { head: await takeHead(socket), socket }
}

/** Runs a program; returns what it printed, whatever its exit code. */
export function run(program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(error === null ? stdout : `${stdout}${stderr}`)
    })
  })
}

/** The status of an answer as text. */
export const statusIn = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])

/** The field of a name and password for a proxy. */
export const basic = (user: string, password: string): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`
