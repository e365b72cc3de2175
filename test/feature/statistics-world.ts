import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { expect } from 'chai'
import { Server, type Stats } from 'tribind'
import { collectingLogger, type Options, type Protocol, type Send, until } from './both-ways.ts'
import { openClient, protocolOptions } from './clients.ts'
import { cert } from './key-pair.ts'

/** A server that counts, and a client of it. */
export interface Counted {
  readonly server: Server
  readonly protocol: Protocol
  readonly port: number
  readonly send: Send
  /** Closes the client's connections. */
  readonly leave: () => void
  readonly stats: () => Stats
}

type Run = (counted: Counted) => Promise<void>
type Case = [name: string, register: (server: Server) => unknown, run: Run, options?: Options]

/** Defines the case for HTTP/1.1, for HTTPS and for HTTP/2, each with a server that counts. */
export function overEach(...given: Case): void {
  for (const protocol of ['socket', 'https', 'http2'] as const) over(protocol, ...given)
}

/** Defines the case for one protocol, with a server that counts. */
export function over(protocol: Protocol, ...[name, register, run, options]: Case): void {
  it(`${name} [${protocol}]`, async () => {
    const counted = await openCounted(register, protocol, options)
    try {
      await run(counted)
    } finally {
      await counted.close()
    }
  })
}

export async function openCounted(
  register: (server: Server) => unknown,
  protocol: Protocol,
  options: Options = {},
): Promise<Counted & { close(): Promise<void> }> {
  const { stopTimeout = 10_000, ...given } = options
  const web = { address: '127.0.0.1:0', enableStats: true, ...protocolOptions[protocol], ...given }
  const server = new Server({ logger: collectingLogger(), stopTimeout, entryPoints: { web } })
  register(server)
  await server.start()
  const port = Number(server.addresses[0]?.split(':').at(-1))
  const client = openClient(protocol, port)
  const leave = () => client.close()
  const close = async () => {
    leave()
    await server.stop()
  }
  return {
    server,
    protocol,
    port,
    send: client.send,
    leave,
    stats: () => statsOf(server),
    close,
  }
}

/** The statistics of its entry point. */
export function statsOf(server: Server): Stats {
  const { stats } = server.entryPoint('web').status()
  if (stats === undefined) throw new Error('the entry point has no statistics')
  return stats
}

/** Between clients and a server: counts the bytes that pass each way, under TLS. */
export interface Relay {
  readonly port: number
  readonly toServer: () => number
  readonly toClient: () => number
  close(): void
}

export async function openRelay(port: number): Promise<Relay> {
  const sockets: net.Socket[] = []
  const relay = net.createServer((client) => {
    const server = net.connect(port, '127.0.0.1')
    sockets.push(server)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const)
      from.on('error', () => to.destroy()).pipe(to)
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const sum = (of: (socket: net.Socket) => number) => sockets.reduce((total, socket) => total + of(socket), 0)
  return {
    port: (relay.address() as net.AddressInfo).port,
    toServer: () => sum((socket) => socket.bytesWritten),
    toClient: () => sum((socket) => socket.bytesRead),
    close: () => relay.close(),
  }
}

/** The head of a request. */
export const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

/** Waits until nothing is under way, and then for what could be counted a second time. */
async function settled({ stats, leave }: Counted): Promise<void> {
  await until(() => stats().currentRequests === 0, 'no request is under way')
  leave()
  await until(() => stats().currentConns === 0, 'no connection is open')
  await sleep(10)
}

/** Expects as many errors, and no more when all is over. */
export async function expectErrors(counted: Counted, count: number): Promise<void> {
  await until(() => counted.stats().totalErrs >= count, `there are ${count} errors`)
  await settled(counted)
  expect(counted.stats().totalErrs).to.equal(count)
}

/** A request whose client leaves when it is told to. */
export interface Leaver {
  /** By the end of its connection. */
  readonly leave: () => void
  readonly reset: () => void
}

/** Sends a request; with a length, only the first byte of its body. */
export async function ask(protocol: Protocol, port: number, { path = '/', length = 0 } = {}): Promise<Leaver> {
  const method = length > 0 ? 'POST' : 'GET'
  const tcp = net.connect(port, '127.0.0.1').on('error', () => {})
  await once(tcp, 'connect')
  const reset = () => void tcp.resetAndDestroy()
  if (protocol === 'http2') {
    const createConnection = () =>
      tls.connect({ socket: tcp, ca: cert, ALPNProtocols: ['h2'], servername: 'localhost' })
    const session = http2.connect('https://localhost', { createConnection }).on('error', () => {})
    const head = { ':path': path, ':method': method, ...(length > 0 && { 'content-length': length }) }
    const stream = session.request(head, { endStream: length === 0 }).on('error', () => {})
    stream.resume()
    if (length > 0) stream.write('x')
    await once(session, 'connect')
    return { leave: () => session.destroy(), reset }
  }
  const socket =
    protocol === 'socket' ? tcp : tls.connect({ socket: tcp, ca: cert, servername: 'localhost' }).on('error', () => {})
  if (socket !== tcp) await once(socket, 'secureConnect')
  socket.resume()
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${length > 0 ? 'x' : ''}`)
  return { leave: () => void socket.destroy(), reset }
}
