import { createServer, type IncomingMessage, request as sendRequest, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Application, Handler } from '../../index.ts'
import {
  connectInMemory,
  coreOf,
  hopFilter,
  type RequestCore,
  serveAlone,
  type ServeAlone,
  setFields,
  type RequestView,
  show,
  viewOf,
} from '../../kit.ts'

/** How many copies may be under way. */
const MAX_UNDER_WAY = 100
/** How long one may take. */
const MAX_MS = 60_000
/** How often it is told at most that copies are missing. */
const TELL_MS = 60_000

/** A request as its service sees it. */
interface Original {
  readonly core: RequestCore
  readonly view: RequestView
}

/** Sends copies of requests to a handler, over connections in memory, and drops its answers. */
export class CopySender {
  readonly #server: Application
  readonly #handler: Handler
  readonly #title: string
  readonly #http: Server
  /** The requests that are copied, by the connections of their copies. */
  readonly #originals = new WeakMap<object, Original>()
  /** By route: so the copies have its parameters. */
  readonly #serve = new Map<string, ServeAlone>()
  #underWay = 0
  #missing = 0
  #toldAt = -Infinity

  constructor(server: Application, handler: Handler, title: string) {
    this.#server = server
    this.#handler = handler
    this.#title = title
    this.#http = createServer((raw, rawResponse) => {
      const { core } = this.#originals.get(raw.socket) as Original
      this.#serverOf(core)(raw, rawResponse, core.settings)
    })
  }

  /** Sends a copy of a request, unless too many are under way or its body isn't kept. Never rejects. */
  async send(core: RequestCore, readBody: () => Promise<Buffer | undefined>): Promise<void> {
    if (this.#underWay >= MAX_UNDER_WAY) return this.#miss(core, `${MAX_UNDER_WAY} are under way`)
    this.#underWay++
    const original = { core, view: viewOf(core) }
    try {
      const body = await readBody()
      if (body === undefined) this.#miss(core, 'the body is too large, or did not come in whole')
      else await this.#deliver(original, body)
    } catch (error) {
      core.log('info', `${this.#title} could not send a copy of ${core.logName}`, { error })
    } finally {
      this.#underWay--
    }
  }

  #deliver(original: Original, body: Buffer): Promise<void> {
    const { method, url, raw } = original.core
    return new Promise((resolve, reject) => {
      const request = sendRequest({
        method,
        path: url,
        headers: fieldsOf(raw, body) as never,
        setHost: false,
        signal: AbortSignal.timeout(MAX_MS),
        createConnection: () => this.#connect(original),
      })
      request.once('response', (answer) => answer.resume().once('close', resolve))
      request.once('error', reject).end(body)
    })
  }

  #connect(original: Original): Duplex {
    const { remoteAddress, remotePort, localAddress, localPort, encrypted } = original.core.raw.socket as TLSSocket
    const place = { remoteAddress, remotePort, localAddress, localPort, encrypted }
    this.#http.once('connection', (socket: object) => this.#originals.set(socket, original))
    return connectInMemory(this.#http, place)
  }

  #serverOf(core: RequestCore): ServeAlone {
    const route = core.route ?? '/*'
    const serve =
      this.#serve.get(route) ??
      serveAlone(this.#server, route, (request) => {
        const copy = coreOf(request)
        showAs(copy, this.#originals.get(copy.raw.socket) as Original)
        return this.#handler(request)
      })
    this.#serve.set(route, serve)
    return serve
  }

  /** Of many that are missing, one line tells. */
  #miss(core: RequestCore, reason: string): void {
    this.#missing++
    const now = performance.now()
    if (now - this.#toldAt < TELL_MS) return
    core.log('warn', `${this.#title} sends no copy of ${core.logName}: ${reason}`, { missing: this.#missing })
    this.#toldAt = now
  }
}

/** The copy is seen as the original was by its service. */
function showAs(copy: RequestCore, { view }: Original): void {
  const { path, stripped, changes } = view
  const received = viewOf(copy)
  show(copy, {
    ...received,
    path: { rawPath: path.rawPath, segments: path.segments },
    stripped,
    ...setFields(received, changes),
  })
}

/** Returns the fields of a request and those of its body; those between two machines alone are left out. */
function fieldsOf({ rawHeaders, headers }: IncomingMessage, body: Buffer): string[] {
  const isHop = hopFilter(headers.connection)
  const fields: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const key = name.toLowerCase()
    if (!isHop(key) && !key.startsWith(':') && key !== 'expect' && key !== 'host' && key !== 'trailer')
      fields.push(name, rawHeaders[i + 1] as string)
  }
  if (headers.host !== undefined) fields.push('Host', headers.host)
  if (body.length > 0) fields.push('Content-Length', String(body.length))
  return fields
}
