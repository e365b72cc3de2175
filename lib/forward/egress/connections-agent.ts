import { Agent as HttpAgent, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type AgentOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Choice, Connections } from './connections.ts'

const way: unique symbol = Symbol('way')

/** What `node:http` passes on for one request, with what was chosen for it. It copies the object, this field included. */
interface Asked extends ClientRequestArgs {
  [way]?: { readonly choice: Choice; readonly isSecure: boolean }
}

type Created = (error: Error | null, socket: Duplex) => void

/** An agent of `node:http` and `node:https` whose connections are made by an egress or a chain, and kept for the same way alone. */
export class ConnectionsAgent extends HttpAgent {
  readonly #connections: Connections
  readonly #kept = new WeakMap<Duplex, { readonly choice: Choice; readonly socket: Socket }>()

  constructor(connections: Connections, options: AgentOptions = {}) {
    super({ keepAlive: true, ...options })
    this.#connections = connections
  }

  /** What both modules compare with their own. */
  get protocol(): string {
    return isAskedByHttps() ? 'https:' : 'http:'
  }

  // Node.js sets both in its constructor.
  set protocol(_value: string) {}

  get defaultPort(): number {
    return isAskedByHttps() ? 443 : 80
  }

  set defaultPort(_value: number) {}

  /** Chooses the way of a request, at the first of the calls for it. A kept connection is one of the same name. */
  override getName(options: Asked = {}): string {
    const { choice, isSecure } = (options[way] ??= { choice: this.#connections.choose(), isSecure: isAskedByHttps() })
    return `${isSecure}:${choice.key}:${HttpsAgent.prototype.getName.call(this, options as AgentOptions)}`
  }

  override createConnection(options: Asked, created: Created = () => {}): undefined {
    this.getName(options)
    this.#connect(options).then(
      (socket) => created(null, socket),
      (error: Error) => created(error, undefined as never),
    )
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const kept = this.#kept.get(socket)
    return kept?.choice.keeps(kept.socket) === true && keepAliveOf(this, socket)
  }

  async #connect(options: Asked): Promise<Duplex> {
    const { choice, isSecure } = options[way] as NonNullable<Asked[typeof way]>
    const target = { host: options.host ?? 'localhost', port: Number(options.port) }
    const socket = await choice.connect(target, { signal: options.signal })
    const secured = isSecure ? await secure(socket, options as ConnectionOptions) : socket
    this.#kept.set(secured, { choice, socket })
    return secured
  }
}

/** The method of Node.js is there, although its types say that it returns nothing. */
function keepAliveOf(agent: HttpAgent, socket: Duplex): boolean {
  return HttpAgent.prototype.keepSocketAlive.call(agent, socket) as unknown as boolean
}

/** Performs the handshake, so that an error of it is one of the connection. */
function secure(socket: Socket, options: ConnectionOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { host: _host, port: _port, path: _path, ...rest } = options
    const secured = connectTls({ ...rest, socket })
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    secured.once('error', fail).once('secureConnect', () => {
      secured.off('error', fail)
      resolve(secured)
    })
  })
}

/** Whether `node:https` is on the stack: it doesn't tell an agent for both that it asks. */
function isAskedByHttps(): boolean {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 20
  const { stack = '' } = new Error('who asks?')
  Error.stackTraceLimit = stackTraceLimit
  return stack.includes('(node:https:')
}
