import net from 'node:net'
import { Server } from 'tribind'
import { type Answer, answer, type Ask, complete, type Send } from './answer.ts'
import { openClient, protocolOptions, sendToPort } from './clients.ts'

export type { Answer, Ask, Send }
export { sendToPort }

export type Options = NonNullable<ConstructorParameters<typeof Server>[0]>
/** `socket` is HTTP/1.1 without TLS. */
export type Protocol = 'socket' | 'https' | 'http2'
export type Way = 'inject' | Protocol

export interface Entry {
  level: string
  message: string
  fields: unknown
}

export interface Around {
  server: Server
  way: Way
  log: Entry[]
  /** 0 where nothing listens. */
  port: number
  /** Whether requests come over TLS. */
  isSecure: boolean
}

export function collectingLogger(log: Entry[] = []) {
  const at = (level: string) => (message: string, fields?: object) => {
    log.push({ level, message, fields })
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/**
 * Defines the case four times, each with a server of its own: through `server.inject`, and over HTTP/1.1, HTTPS and
 * HTTP/2 through real sockets.
 */
export function bothWays<World>(...[name, register, run, options = {}]: Case<World>): void {
  it(`${name} [inject]`, async () => {
    const log: Entry[] = []
    const server = new Server({ logger: collectingLogger(log), ...options })
    const world = register(server)
    await run(sendByInject(server), world, { server, way: 'inject', log, port: 0, isSecure: false })
  })
  overSocket(name, register, run, options)
}

/** For what only a connection can show, of whatever protocol. */
export function overSocket<World>(...given: Case<World>): void {
  for (const protocol of ['socket', 'https', 'http2'] as const) defineOver(protocol, given)
}

/** For what is HTTP/1.1's alone, or can only be shown by its bytes. */
export function overHttp1<World>(...given: Case<World>): void {
  defineOver('socket', given)
}

type Case<World> = [
  name: string,
  register: (server: Server) => World,
  run: (send: Send, world: World, around: Around) => Promise<void>,
  options?: Options,
]

function defineOver<World>(protocol: Protocol, [name, register, run, options = {}]: Case<World>): void {
  it(`${name} [${protocol}]`, async () => {
    const log: Entry[] = []
    const server = new Server({ port: 0, logger: collectingLogger(log), ...protocolOptions[protocol], ...options })
    const world = register(server)
    await server.start()
    // Cases are about requests, not about where the server listens.
    log.length = 0
    const port = portOf(server)
    const client = openClient(protocol, port)
    try {
      await run(client.send, world, { server, way: protocol, log, port, isSecure: protocol !== 'socket' })
    } finally {
      client.close()
      await server.stop()
    }
  })
}

export function portOf(server: Server): number {
  const { port } = server
  if (typeof port !== 'number' || port === 0) throw new Error('the server has no port')
  return port
}

export function sendByInject(server: Server): Send {
  return async (ask) => {
    const { method, url, headers, body } = complete(ask)
    const got = await server.inject({ method, url, headers, ...(body === undefined ? {} : { body }) })
    return answer(got.status, Object.entries(got.headers), got.body)
  }
}

/** Writes the text to a connection as it is and gives everything that comes back until the other side closes. */
export function rawExchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.write(text, 'latin1')
  })
}

/** A client's connection, what came back over it, and its end. */
export interface RawConnection {
  readonly socket: net.Socket
  readonly received: () => string
  readonly closed: Promise<unknown>
}

/** A connection whose client goes away when told to. */
export function openRaw(port: number, text: string): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    const closed = new Promise((resolveClosed) => socket.once('close', resolveClosed))
    let received = ''
    socket.once('error', reject)
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.on('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      socket.write(text, 'latin1')
      resolve({ socket, received: () => received, closed })
    })
  })
}

export async function until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Gives what the promise gives, but fails if that takes too long. */
export async function inTime<T>(promise: Promise<T>, what: string, timeoutMs = 2000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain until ${what}`)), timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets whatever is due run, to see that something does not happen a second time. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A promise to be settled from outside. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

/** Calls a method as a JavaScript user could, past the types. */
export function callUntyped(target: object, name: string, ...args: unknown[]): unknown {
  const method: unknown = Reflect.get(target, name)
  if (typeof method !== 'function') throw new Error(`${name} is not a method`)
  return Reflect.apply(method, target, args)
}

/** What the call throws, which must be an error. */
export function thrownBy(act: () => unknown): Error & { code?: unknown } {
  try {
    act()
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`threw something that is no Error: ${String(error)}`)
  }
  throw new Error('nothing was thrown')
}

/** What the promise rejects with, which must be an error. */
export async function rejected(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not reject with an Error')
}
