import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { Chain } from '../chain/chain.ts'
import { connectSocket, tooSlow } from '../egress/connect-socket.ts'
import type { Choice } from '../egress/connections.ts'
import type { NodeState } from '../selector/node-state.ts'
import type { SelectorNode } from '../selector/selector.ts'
import { joinChanges, noFieldChanges, type ReadFieldChanges } from '../../kit.ts'
import type { ForwardChain, ReadForwardOptions } from './forward-options.ts'
import type { NodeAddress } from './node-address.ts'
import { NodeConnection } from './node-connection.ts'
import { NodeFailure } from './node-failure.ts'
import { NodeLife, type NodePlace } from './node-life.ts'
import type { ReadNode, ReadNodeTls } from './node-options.ts'

/** Whom a connection is made for. */
export interface Client {
  /** At which the client came in. */
  readonly localAddress: string | undefined
  readonly address: string | undefined
  /** How the node is reached instead of directly. */
  readonly chain: ForwardChain | undefined
}

/** A way to a node, chosen for one request. */
export interface Way {
  /** A connection that was kept under the same key may serve. */
  readonly key: string
  connect(signal: AbortSignal): Promise<NodeConnection>
}

/** A node, and the connections to it. */
export class NodeLink implements SelectorNode {
  readonly id: string
  readonly name: string
  readonly weight: number
  readonly backup: boolean
  readonly maxFails: number | undefined
  readonly failTimeout: number | undefined
  readonly address: NodeAddress
  /** The interfaces that were asked for; `undefined` where none were. */
  readonly egress: string | undefined
  readonly changes: ReadFieldChanges
  readonly life: NodeLife
  readonly #host: string
  readonly #tls: ReadNodeTls | undefined
  readonly #connectTimeout: number
  /** The way of all requests; `undefined` where it depends on the interface that is chosen. */
  readonly #only: Way | undefined

  /** @param lives those of nodes of a handler before: what is taken over is taken out */
  constructor(node: ReadNode, options: ReadForwardOptions, lives: Set<NodeLife>) {
    const { addr, tls, interface: from = options.interface } = node
    this.life = takeOver(lives, { addr: addr.text, from, tls, chain: options.chain })
    this.address = addr
    this.egress = this.life.egress.name || undefined
    this.id = `${addr.text} ${this.egress ?? ''}`
    this.name = node.name ?? addr.text
    this.weight = node.weight
    this.backup = node.backup
    this.maxFails = node.maxFails
    this.failTimeout = node.failTimeout
    const { headers: all = noFieldChanges } = options
    const { headers: own = noFieldChanges } = node
    this.changes = {
      request: joinChanges(all.request, own.request),
      response: joinChanges(all.response, own.response),
    }
    this.#host = node.host ?? options.host ?? 'keep'
    this.#tls = tls
    this.#connectTimeout = options.connectTimeout
    this.#only = this.egress === undefined ? this.#wayFrom(undefined) : undefined
  }

  get state(): NodeState {
    return this.life.state
  }

  /** Whether the way to it depends on the address at which a client came in. */
  needsClient(chain: ForwardChain | undefined): boolean {
    return chain === undefined ? this.life.egress.hasAuto : chain instanceof Chain && chain.usesLocalAddress
  }

  /** How logs and errors name it. */
  get title(): string {
    const { name, egress } = this
    const { text } = this.address
    return `node ${name === text ? text : `"${name}" (${text})`}${egress === undefined ? '' : ` from ${egress}`}`
  }

  /** Returns the Host field that it gets. @param asked that of the request */
  hostFor(asked: string | undefined): string {
    if (this.#host === 'node') return this.address.authority
    return this.#host === 'keep' ? asked || this.address.authority : this.#host
  }

  /** Chooses the way for one request. */
  choose(client: Client): Way {
    const { chain } = client
    if (chain !== undefined) return this.#wayThrough(chain, client)
    return this.#only ?? this.#wayFrom(client.localAddress)
  }

  #wayFrom(localAddress: string | undefined): Way {
    const { socketPath } = this.address
    if (socketPath !== undefined)
      return this.#wayBy(
        '',
        (limits) => connectSocket({ path: socketPath }, limits),
        () => true,
      )
    const choice: Choice = this.life.egress.choose(localAddress)
    return this.#wayBy(
      choice.key,
      (limits) => choice.connect(this.#target, limits),
      (socket) => choice.keeps(socket),
    )
  }

  #wayThrough(chain: ForwardChain, { address, localAddress }: Client): Way {
    const client = {
      ...(address !== undefined && { clientAddress: address }),
      ...(localAddress !== undefined && { localAddress }),
    }
    // Which of its connections may serve other clients, too, a chain of ours knows.
    if (chain instanceof Chain) {
      const choice = chain.choose(client)
      return this.#wayBy(
        choice.key,
        (limits) => choice.connect(this.#target, limits),
        (socket) => choice.keeps(socket),
      )
    }
    const key = `${address ?? ''} ${localAddress ?? ''}`
    return this.#wayBy(
      key,
      (limits) => chain.connect(this.#target, { ...limits, ...client }),
      () => true,
    )
  }

  #wayBy(key: string, connect: (limits: Limits) => Promise<Duplex>, keeps: (socket: Socket) => boolean): Way {
    return {
      key,
      connect: async (signal) => {
        try {
          const plain = (await connect({ timeout: this.#connectTimeout, signal })) as Socket
          // It is there when there is no request, too, and must not end the process then.
          if (this.address.isSecure) plain.on('error', ignore)
          const socket = this.address.isSecure ? await this.#secure(plain, signal) : plain
          return new NodeConnection(socket, keeps(plain) ? key : undefined)
        } catch (error) {
          signal.throwIfAborted()
          throw new NodeFailure('connect', error as Error)
        }
      },
    }
  }

  get #target(): { readonly host: string; readonly port: number } {
    return this.address.target as { host: string; port: number }
  }

  #secure(plain: Socket, signal: AbortSignal): Promise<Socket> {
    const { host } = this.#target
    const { serverName = isIP(host) === 0 ? host : '', ca, rejectUnauthorized = true } = this.#tls ?? {}
    return new Promise((resolve, reject) => {
      const secured = connectTls({
        socket: plain,
        host: serverName || host,
        servername: serverName,
        ...(ca !== undefined && { ca: ca as string }),
        rejectUnauthorized,
        ALPNProtocols: ['http/1.1'],
      })
      const fail = (error: Error) => {
        end()
        secured.destroy()
        plain.destroy()
        reject(error)
      }
      const timer = setTimeout(
        () => fail(tooSlow(`the handshake took longer than ${this.#connectTimeout} ms`)),
        this.#connectTimeout,
      )
      const closed = () => fail(new Error('the connection was closed during the handshake'))
      const aborted = () => fail(signal.reason as Error)
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        secured.off('close', closed).off('error', fail)
      }
      secured.on('error', ignore).once('error', fail).once('close', closed)
      signal.addEventListener('abort', aborted)
      secured.once('secureConnect', () => {
        end()
        resolve(secured)
      })
    })
  }
}

function takeOver(lives: Set<NodeLife>, place: NodePlace): NodeLife {
  const found = [...lives].find((life) => life.isAt(place))
  if (found === undefined) return new NodeLife(place)
  lives.delete(found)
  return found
}

interface Limits {
  readonly timeout: number
  readonly signal: AbortSignal
}

function ignore(): void {}
