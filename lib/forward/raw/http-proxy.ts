import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import {
  createHttpServer,
  type OpenService,
  Pipelines,
  readCredentials,
  type ServicePlace,
  whenAnswered,
} from '../../kit.ts'
import { statusOfFailure } from './failure-status.ts'
import { endGently } from './end-gently.ts'
import { viaOf } from '../request/server-id.ts'
import { cutOnceLeft } from './cut-once-left.ts'
import { parseForwardTarget } from './forward-target.ts'
import { callerOf, type Outbound } from './outbound.ts'
import { type ProxyOptions, readProxyOptions, type VerifyProxyUser } from './proxy-options.ts'
import { ProxyService } from './proxy-service.ts'
import { reportConnecting } from './report-connecting.ts'
import { relayRequest } from './relay-request.ts'
import { TargetAgent } from './target-agent.ts'
import { parseAuthority, type TargetHost } from './target-host.ts'
import { tunnel } from './tunnel.ts'

/** What proxies of HTTP take of the limits. */
export const httpLimits = [
  'halfClosedTimeout',
  'headersTimeout',
  'keepAliveTimeout',
  'maxHeaderSize',
  'maxPipelinedRequests',
  'maxRequestsPerSocket',
  'requestTimeout',
] as const

const CHALLENGE = 'Basic realm="proxy", charset="UTF-8"'

const MAX_FIELDS = 1000

/** What is served at an entry point by `httpProxy`. */
export class HttpProxy extends ProxyService {
  readonly protocol = 'http'
  readonly limits: typeof httpLimits = httpLimits

  open(place: ServicePlace): OpenService {
    return new OpenHttpProxy(place, this.openOutbound(place), this.verify)
  }
}

/**
 * Returns a handler of an entry point that is a proxy of HTTP: tunnels by CONNECT, and requests for absolute URLs.
 *
 * @throws ConfigError naming the option
 */
export function httpProxy(options: ProxyOptions = {}): HttpProxy {
  return new HttpProxy(readProxyOptions('httpProxy', options))
}

/** A proxy of HTTP that is open at one place. */
export class OpenHttpProxy implements OpenService {
  readonly #place: ServicePlace
  readonly #outbound: Outbound
  readonly #verify: VerifyProxyUser | undefined
  /** Reads the requests of the connections that it is passed. It listens nowhere. */
  readonly #server: Server
  readonly #agents = new WeakMap<Socket, TargetAgent>()
  /** The clients that have been asked for a name and password instead of a tunnel. */
  readonly #challenged = new WeakSet<Socket>()
  /** What the server calls itself. */
  readonly #via: string

  constructor(place: ServicePlace, outbound: Outbound, verify: VerifyProxyUser | undefined) {
    this.#place = place
    this.#outbound = outbound
    this.#verify = verify
    this.#via = viaOf(place.server)
    const { limits, logger, statistics } = place
    const pipelines = new Pipelines(limits.maxPipelinedRequests, (raw, response) => void this.#serve(raw, response))
    this.#server = createHttpServer(
      { ...limits, logger, statistics },
      {
        request: (raw, response) => {
          statistics?.arrived(raw, response)
          if (response.socket === null) pipelines.add(raw, response)
          else void this.#serve(raw, response)
        },
        connect: (raw, socket, head) => {
          statistics?.arrivedForUpgrade()
          whenAnswered(socket as Socket, () => void this.#connect(raw, socket as Socket, head))
        },
      },
    )
    // It looks for slow clients from then on.
    this.#server.emit('listening')
  }

  serve(socket: Socket): void {
    this.#server.emit('connection', socket)
  }

  closeIdle(): void {
    this.#server.closeIdleConnections()
  }

  close(): void {
    this.#server.close()
  }

  async #serve(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { limits } = this.#place
      if (this.#place.isDraining) response.shouldKeepAlive = false
      const refusal = await this.#refusalOf(raw)
      if (refusal !== undefined)
        return answer(response, refusal, refusal === 407 ? { 'Proxy-Authenticate': CHALLENGE } : {})
      const target = parseForwardTarget(raw)
      if (target === undefined) return answer(response, 400)
      cutOnceLeft(response, limits.halfClosedTimeout)
      const fail = (status: number, error: Error) => {
        reportConnecting(this.#place, target.host, error)
        answer(response, status)
      }
      const isLast = () => this.#place.isDraining
      relayRequest(raw, response, target, { agent: this.#agentOf(raw.socket), via: this.#via, isLast, fail })
    } catch (error) {
      this.#report(error)
      answer(response, 500)
    }
  }

  /** Returns the status of a request that is refused by its head, or for want of a name and password. */
  async #refusalOf(raw: IncomingMessage): Promise<number | undefined> {
    if (raw.rawHeaders.length > 2 * MAX_FIELDS) return 431
    const hosts = raw.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
    if (hosts.length > 1) return 400
    if (hasPassed(raw, this.#via)) return 508
    const verify = this.#verify
    if (verify === undefined) return undefined
    const credentials = readCredentials(raw.headers['proxy-authorization'])
    try {
      const isUser: unknown = credentials && (await verify(credentials.user, credentials.password))
      return isUser === true ? undefined : 407
    } catch (error) {
      this.#report(error)
      return 500
    }
  }

  #report(error: unknown): void {
    const { entryPoint, logger } = this.#place
    logger.error('A request failed in a proxy', { error, entryPoint: entryPoint.name })
  }

  #agentOf(client: Socket): TargetAgent {
    const known = this.#agents.get(client)
    if (known !== undefined) return known
    const caller = callerOf(client)
    const agent = new TargetAgent(this.#outbound, caller)
    caller.signal.addEventListener('abort', () => agent.destroy())
    this.#agents.set(client, agent)
    return agent
  }

  async #connect(raw: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    if (head.length > 0) client.unshift(head)
    try {
      const target = parseAuthority(raw.url ?? '')
      const refusal = await this.#refusalOf(raw)
      if (client.destroyed) return
      if (refusal === 407) return this.#challenge(raw, client)
      if (refusal !== undefined || target === undefined) return this.#refuse(client, refusal ?? 400)
      await this.#openTunnel(client, target)
    } catch (error) {
      if (client.destroyed) return
      this.#report(error)
      this.#refuse(client, 500)
    }
  }

  async #openTunnel(client: Socket, target: TargetHost): Promise<void> {
    const { limits } = this.#place
    try {
      const socket = await this.#outbound.connect(target, callerOf(client))
      if (client.destroyed) return void socket.destroy()
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      await tunnel(client, socket, limits.timeout)
    } catch (error) {
      if (client.destroyed) return
      reportConnecting(this.#place, target, error)
      this.#refuse(client, statusOfFailure(error))
    }
  }

  #refuse(client: Socket, status: number): void {
    if (status >= 500) this.#place.statistics?.failed()
    answerRaw(client, status)
  }

  /** Asks for a name and password, and for the request once more: at the first time, over the same connection. */
  #challenge(raw: IncomingMessage, client: Socket): void {
    const isKept = raw.httpVersion === '1.1' && !/\bclose\b/i.test(raw.headers.connection ?? '')
    const isLast = !isKept || this.#challenged.has(client) || this.#place.isDraining
    answerRaw(client, 407, `Proxy-Authenticate: ${CHALLENGE}\r\n`, isLast)
    if (isLast) return
    this.#challenged.add(client)
    this.#server.emit('connection', client)
  }
}

function hasPassed({ headers }: IncomingMessage, via: string): boolean {
  const [, id] = via.split(' ')
  return headers.via?.split(',').some((passed) => passed.trim().split(' ')[1] === id) === true
}

function answer(response: ServerResponse, status: number, fields: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const text = STATUS_CODES[status] as string
  response.writeHead(status, {
    ...fields,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': text.length,
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

/** Answers on a connection that `node:http` has let go of. @param isLast whether it ends with this */
function answerRaw(client: Socket, status: number, fields = '', isLast = true): void {
  const text = STATUS_CODES[status] as string
  const head = [
    `HTTP/1.1 ${status} ${text}`,
    `Date: ${new Date().toUTCString()}`,
    `Connection: ${isLast ? 'close' : 'keep-alive'}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${text.length}`,
  ]
  client.write(`${head.join('\r\n')}\r\n${fields}\r\n${text}`)
  if (isLast) endGently(client)
}
