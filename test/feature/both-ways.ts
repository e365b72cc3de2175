import http from 'node:http'
import net from 'node:net'
import { Server } from 'tribind'

export type Options = NonNullable<ConstructorParameters<typeof Server>[0]>
export type Way = 'inject' | 'socket'

export interface Ask {
  method?: string
  url: string
  host?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export interface Answer {
  status: number
  /** The field's values joined with `, `. */
  header: (name: string) => string | undefined
  headerAll: (name: string) => string[]
  body: Buffer
  text: string
  json(): unknown
}

/** Takes `'/path'`, `'POST /path'`, or the parts. */
export type Send = (ask: string | Ask) => Promise<Answer>

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
}

export function collectingLogger(log: Entry[] = []) {
  const at = (level: string) => (message: string, fields?: object) => {
    log.push({ level, message, fields })
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Defines the case twice: through `server.inject` and through a real socket, each with a server of its own. */
export function bothWays<World>(
  name: string,
  register: (server: Server) => World,
  run: (send: Send, world: World, around: Around) => Promise<void>,
  options: Options = {},
): void {
  it(`${name} [inject]`, async () => {
    const log: Entry[] = []
    const server = new Server({ logger: collectingLogger(log), ...options })
    const world = register(server)
    await run(sendByInject(server), world, { server, way: 'inject', log, port: 0 })
  })
  overSocket(name, register, run, options)
}

/** For what only a connection can show. */
export function overSocket<World>(
  name: string,
  register: (server: Server) => World,
  run: (send: Send, world: World, around: Around) => Promise<void>,
  options: Options = {},
): void {
  it(`${name} [socket]`, async () => {
    const log: Entry[] = []
    const server = new Server({ port: 0, logger: collectingLogger(log), ...options })
    const world = register(server)
    await server.start()
    // Cases are about requests, not about where the server listens.
    log.length = 0
    try {
      const port = portOf(server)
      await run(sendToPort(port), world, { server, way: 'socket', log, port })
    } finally {
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

export function sendToPort(port: number): Send {
  return (ask) =>
    new Promise((resolve, reject) => {
      const { method, url, headers, body } = complete(ask)
      const outgoing = http.request({
        host: '127.0.0.1',
        port,
        method,
        path: url,
        headers,
        agent: false,
        setHost: false,
      })
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        bytesOf(incoming).then(
          (bytes) => resolve(answer(incoming.statusCode ?? 0, Object.entries(incoming.headers), bytes)),
          reject,
        )
      })
      outgoing.end(body)
    })
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

/** A connection whose client goes away when told to. */
export function openRaw(port: number, text: string): Promise<{ socket: net.Socket; received: () => string }> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    let received = ''
    socket.once('error', reject)
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.on('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      socket.write(text, 'latin1')
      resolve({ socket, received: () => received })
    })
  })
}

export async function until(condition: () => boolean, what: string, timeoutMs = 3000): Promise<void> {
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

function complete(ask: string | Ask) {
  const parts: Ask = typeof ask === 'string' ? fromLine(ask) : ask
  return {
    method: parts.method ?? 'GET',
    url: parts.url,
    headers: { host: parts.host ?? '127.0.0.1', ...parts.headers },
    body: parts.body,
  }
}

function fromLine(line: string): Ask {
  const blank = line.indexOf(' ')
  return blank < 0 ? { url: line } : { method: line.slice(0, blank), url: line.slice(blank + 1) }
}

function answer(status: number, fields: [string, unknown][], body: Buffer): Answer {
  const values = new Map<string, string[]>()
  for (const [name, value] of fields) {
    if (value !== undefined) values.set(name, (Array.isArray(value) ? value : [value]).map(String))
  }
  const headerAll = (name: string) => values.get(name.toLowerCase()) ?? []
  return {
    status,
    headerAll,
    header: (name) => (values.has(name.toLowerCase()) ? headerAll(name).join(', ') : undefined),
    body,
    text: body.toString('utf8'),
    json: () => JSON.parse(body.toString('utf8')),
  }
}

async function bytesOf(incoming: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
