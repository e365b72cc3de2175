import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { Server } from 'tribind'
import { forward, type ForwardHandler, type ForwardOptions } from 'tribind/forward'
import { collectingLogger, type Entry, type Options, portOf, rawExchange } from '../feature/both-ways.ts'

const closers: (() => unknown)[] = []

/** Closes, after each test of a suite, what was opened for it. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
}

/** Has something closed after the test. */
export function closeLater(close: () => unknown): void {
  closers.push(close)
}

/** What a node was asked. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface TestNode {
  readonly url: string
  readonly port: number
  readonly asked: Asked[]
  /** How many connections were opened to it. */
  readonly connections: () => number
  readonly sockets: Set<net.Socket>
  readonly close: () => Promise<void>
}

/** A node of node:http that answers `ok` unless a listener does otherwise; it takes note of what it was asked, body included. */
export async function openNode(
  listener: (request: http.IncomingMessage, response: http.ServerResponse, asked: Asked) => void = (_, response) =>
    response.end('ok'),
  options: http.ServerOptions & { port?: number } = {},
): Promise<TestNode> {
  const asked: Asked[] = []
  const server = http.createServer(options, (request, response) => {
    let body = ''
    request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { method = '', url = '', rawHeaders, headers } = request
      const one = { method, url, rawHeaders, headers, body }
      asked.push(one)
      listener(request, response, one)
    })
  })
  return { asked, ...(await listenOn(server, options.port)) }
}

/** A node that speaks whatever the test says. */
export async function openRawNode(
  onConnection: (socket: net.Socket, index: number) => void,
  options: net.ServerOpts = {},
): Promise<TestNode> {
  let index = 0
  const server = net.createServer(options, (socket) => {
    socket.on('error', () => {})
    onConnection(socket, index++)
    // One that isn't read doesn't see its end.
    socket.resume()
  })
  return { asked: [], ...(await listenOn(server)) }
}

/** A raw node that answers each head that comes in with the next text, and leaves the connection open. */
export function openScript(...answers: readonly string[]): Promise<TestNode> {
  let next = 0
  return openRawNode((socket) => {
    socket.on('data', (chunk: Buffer) => {
      if (!chunk.toString('latin1').includes('\r\n\r\n')) return
      socket.write(answers[Math.min(next++, answers.length - 1)] as string, 'latin1')
    })
  })
}

/** For a node of another kind, such as one of TLS. */
export async function listenOn(server: net.Server, port = 0): Promise<Omit<TestNode, 'asked'>> {
  const sockets = new Set<net.Socket>()
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  closers.push(close)
  const { port: bound } = server.address() as net.AddressInfo
  return { url: `http://127.0.0.1:${bound}`, port: bound, connections: () => connections, sockets, close }
}

/** A port where nothing listens. */
export async function closedPort(): Promise<number> {
  const node = await openNode()
  await node.close()
  return node.port
}

export interface Front {
  readonly server: Server
  readonly port: number
  readonly handler: ForwardHandler
  readonly log: Entry[]
  /** Sends a head, with `Connection: close` added, and what follows it; returns all that comes back. */
  readonly exchange: (head: string, body?: string) => Promise<string>
  readonly get: (path?: string) => Promise<{ status: number; body: string }>
}

/** A server that forwards all requests. */
export async function openFront(
  to: string | ForwardOptions,
  options: Options = {},
  register?: (server: Server, handler: ForwardHandler) => void,
): Promise<Front> {
  const log: Entry[] = []
  const server = new Server({
    address: '127.0.0.1',
    port: 0,
    logger: collectingLogger(log),
    stopTimeout: 1000,
    ...options,
  })
  const handler = forward(to)
  if (register === undefined) server.bindHandler('/*', handler)
  else register(server, handler)
  await server.start()
  closers.push(() => server.stop())
  const port = portOf(server)
  const exchange = (head: string, body = '') =>
    rawExchange(port, `${head}\r\nHost: front.test\r\nConnection: close\r\n\r\n${body}`)
  const get = async (path = '/') => {
    const text = await exchange(`GET ${path} HTTP/1.1`)
    return { status: statusOf(text), body: bodyOf(text) }
  }
  return { server, port, handler, log, exchange, get }
}

/** The status of an answer as it came over the wire. */
export function statusOf(text: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0)
}

/** What follows the head, chunks and all. */
export function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}

/** The lines of the head, without the status. */
export function fieldsOf(text: string): string[] {
  return text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n').slice(1)
}

/** The value of a field; of several lines the last. */
export function fieldOf(text: string, name: string): string | undefined {
  const line = fieldsOf(text).findLast((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`))
  return line?.slice(name.length + 1).trim()
}
