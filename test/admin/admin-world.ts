import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type AdminOptions, type Logger, Server, type ServerOptions } from 'tribind'
import 'tribind/admin'
import 'tribind/providers'

export const token = 'an-administrator-of-tests'

/** What the administration answered. */
export interface Answered {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

/** What is sent to the administration. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Default: the right one. `null`: none. */
  readonly token?: string | null
}

/** A server with an administration. */
export interface AdminWorld {
  readonly server: Server
  /** Where the administration listens: a port, or the path of a Unix socket. */
  readonly place: { readonly port: number } | { readonly socketPath: string }
  readonly log: readonly {
    readonly level: string
    readonly message: string
    readonly fields: Record<string, unknown>
  }[]
  readonly ask: (url: string, asked?: Asked) => Promise<Answered>
  /** As JSON. */
  readonly get: (url: string) => Promise<Answered['json']>
  readonly send: (
    method: string,
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answered>
  readonly stop: () => Promise<void>
}

/** Starts a server at a free port, with an administration at another one. */
export async function startAdmin(
  build: (server: Server) => void = () => {},
  { admin, ...options }: Omit<ServerOptions, 'admin'> & { admin?: AdminOptions } = {},
): Promise<AdminWorld> {
  const log: { level: string; message: string; fields: Record<string, unknown> }[] = []
  const write =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void log.push({ level, message, fields })
  const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const server = new Server({
    ...(options.entryPoints === undefined && { port: 0 }),
    logger,
    ...options,
    admin: { address: '127.0.0.1:0', token, ...admin },
  })
  build(server)
  await server.start()
  const address = boundAddress(log)
  const place = address.startsWith('unix:')
    ? { socketPath: address.slice('unix:'.length) }
    : { port: Number(address.split(':').at(-1)) }
  const ask = (url: string, asked?: Asked) => askAt(place, url, asked)
  return {
    server,
    place,
    log,
    ask,
    get: async (url) => (await ask(url)).json,
    send: (method, url, body, headers = {}) => ask(url, { method, body, headers }),
    stop: () => server.stop(),
  }
}

/** Where the log says that the administration listens. */
export function boundAddress(log: AdminWorld['log']): string {
  const line = log.find(({ message }) => message.startsWith('Administration is listening'))
  return String(line?.fields['address'])
}

/** A folder that is deleted by `remove`. */
export function createFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tribind-admin-'))
  return { path: join(path, 'admin.sock'), remove: () => rmSync(path, { recursive: true }) }
}

/** Asks the administration at a place. */
export function askAt(place: AdminWorld['place'], url: string, asked: Asked = {}): Promise<Answered> {
  const { method = 'GET', headers = {}, body, token: given = token } = asked
  const isBytes = typeof body === 'string' || body === undefined
  const content = isBytes ? body : JSON.stringify(body)
  const fields = {
    host: 'port' in place ? `127.0.0.1:${place.port}` : 'localhost',
    ...(given !== null && { authorization: `Bearer ${given}` }),
    ...(method !== 'GET' && method !== 'HEAD' && { 'content-type': 'application/json' }),
    ...(content !== undefined && { 'content-length': String(Buffer.byteLength(content)) }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      ...place,
      host: '127.0.0.1',
      method,
      path: url,
      headers: fields,
      setHost: false,
      agent: false,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      text(incoming).then((answered) => {
        const isJson = incoming.headers['content-type']?.startsWith('application/json') === true && answered !== ''
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: answered,
          json: isJson ? JSON.parse(answered) : undefined,
        })
      }, reject)
    })
    outgoing.end(content)
  })
}
