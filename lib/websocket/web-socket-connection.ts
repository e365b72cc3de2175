import type { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { isPromise } from '../base/in-turn.ts'
import { onDemand } from '../base/on-demand.ts'
import type { OpenTask } from '../base/tasks.ts'
import { workersOfProcess } from '../base/workers.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { Request } from '../http/request.ts'
import type { ReadWebSocketOptions, WebSocketHandler } from './web-socket-options.ts'

// Not by an `import`, which a program bundled as an ES module can't run: it is CommonJS.
const ws = onDemand<typeof import('ws')>('ws', () => require('ws'))()

/** A WebSocket about to be opened. */
export interface Opening {
  readonly request: Request
  readonly core: RequestCore
  readonly handler: WebSocketHandler
  readonly options: ReadWebSocketOptions
  /** Called with the WebSocket before it has listeners. */
  readonly prepare: ((webSocket: EventEmitter) => void) | undefined
  /** Logs what a handler or listener threw; returns false if that isn't a failure. */
  readonly report: (thrown: unknown) => boolean
  /** The subprotocol agreed upon. */
  readonly protocol: string | undefined
  /** Names and values, in turn, of what goes with the 101. */
  readonly head: readonly string[]
}

/** A WebSocket whose listeners may fail: what they throw, or their promises become, closes it and never ends the process. */
class GuardedWebSocket extends ws.WebSocket {
  maxBufferedBytes = Infinity
  watch: Watch | undefined = undefined
  /** Messages that came before the handler listened to any. */
  #held: unknown[][] | undefined = undefined
  #heldBytes = 0
  #maxHeldBytes = 0

  override emit(event: string, ...args: unknown[]): boolean {
    this.watch?.see(event, args[0])
    if (event === 'message' && this.#held !== undefined) return this.#hold(this.#held, args)
    const listeners = this.rawListeners(event)
    for (const listener of listeners) {
      try {
        const result: unknown = Reflect.apply(listener, this, args)
        if (isPromise(result)) result.then(undefined, (thrown: unknown) => this.watch?.failed(thrown))
      } catch (thrown) {
        this.watch?.failed(thrown)
      }
    }
    return listeners.length > 0
  }

  /** Keeps messages until a listener for them is added, or the returned function is called; beyond `maxBytes` nothing is read. */
  holdMessages(maxBytes: number): () => void {
    this.#held = []
    this.#maxHeldBytes = maxBytes
    const release = () => this.#release()
    const onListener = (event: string) => {
      if (event !== 'message') return
      this.off('newListener', onListener)
      // It is added after this event.
      process.nextTick(release)
    }
    this.on('newListener', onListener)
    return release
  }

  #hold(held: unknown[][], args: unknown[]): boolean {
    held.push(args)
    this.#heldBytes += (args[0] as Buffer).length
    if (this.#heldBytes > this.#maxHeldBytes) this.pause()
    return true
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const args of held) this.emit('message', ...args)
    if (this.#heldBytes > this.#maxHeldBytes) this.resume()
    this.#heldBytes = 0
  }

  override send(data: never, ...rest: [never]): void {
    if (this.bufferedAmount > this.maxBufferedBytes) this.terminate()
    else super.send(data, ...rest)
  }
}

/**
 * What is done for a WebSocket beside what its handler does. It sees what the WebSocket emits: an idle one would hold a closure and a
 * context for each listener.
 */
class Watch implements OpenTask {
  readonly route: object | undefined
  readonly #opening: Opening
  readonly #webSocket: WebSocket
  readonly #timer: NodeJS.Timeout | undefined
  readonly #closed: () => void
  /** Whether the client has said something since the last ping. */
  #isAlive = true

  constructor(opening: Opening, webSocket: WebSocket) {
    const { core, options } = opening
    this.route = core.served
    this.#opening = opening
    this.#webSocket = webSocket
    this.#timer = options.heartbeatMs === 0 ? undefined : setInterval(() => this.#beat(), options.heartbeatMs).unref()
    this.#closed = core.settings.traffic.streams.open(this)
  }

  see(event: string, argument: unknown): void {
    if (event === 'pong' || event === 'message') this.#isAlive = true
    else if (event === 'error') this.#log(argument)
    else if (event === 'close') {
      clearInterval(this.#timer)
      this.#closed()
    }
  }

  failed(thrown: unknown): void {
    if (this.#opening.report(thrown)) this.#webSocket.close(1011, 'Internal Error')
  }

  end(reason: string): void {
    // Service Restart: it may connect again at once.
    this.#webSocket.close(workersOfProcess()?.isReplaced === true ? 1012 : 1001, reason)
  }

  cut(): void {
    this.#webSocket.terminate()
  }

  #log(error: unknown): void {
    const { server, path, id: requestId } = this.#opening.request
    server.logger.info('A WebSocket was closed', { error, path, requestId })
  }

  /** Pings the client, and cuts one that has gone without a word. */
  #beat(): void {
    // Nothing is read while it is paused, so no answer either.
    if (this.#webSocket.isPaused) return
    if (!this.#isAlive) return this.#webSocket.terminate()
    this.#isAlive = false
    this.#webSocket.ping()
  }
}

/** Answers 101 and runs the handler; resolves when the connection is a WebSocket, or gone. */
export function openWebSocket(opening: Opening): Promise<void> {
  const { request, options, protocol } = opening
  const { socket } = request.raw
  // A client that has closed its side could never close the WebSocket, which has two.
  if (socket.readableEnded) socket.destroy()
  if (socket.destroyed) return Promise.resolve()
  const server = new ws.WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: options.maxPayload,
    handleProtocols: () => protocol ?? false,
    WebSocket: GuardedWebSocket,
  })
  server.once('headers', (lines) => lines.push(...formatFields(opening)))
  return new Promise((resolve) => {
    const left = () => resolve()
    socket.once('close', left)
    server.handleUpgrade(request.raw, socket, Buffer.alloc(0), (webSocket) => {
      socket.off('close', left)
      enter(opening, webSocket as GuardedWebSocket)
      resolve()
    })
  })
}

function formatFields({ head, core }: Opening): string[] {
  const { raw } = core.response
  const fields: string[] = []
  // What middleware made for node:http has set.
  for (const name of raw.getHeaderNames()) {
    for (const value of [raw.getHeader(name) ?? []].flat()) fields.push(`${name}: ${value}`)
  }
  for (let i = 0; i < head.length; i += 2) fields.push(`${head[i]}: ${head[i + 1]}`)
  return fields
}

function enter(opening: Opening, webSocket: GuardedWebSocket): void {
  const { request, core, handler, options, prepare } = opening
  prepare?.(webSocket)
  webSocket.maxBufferedBytes = options.maxBufferedBytes
  webSocket.watch = new Watch(opening, webSocket)
  if (webSocket.readyState !== webSocket.OPEN) return
  const release = webSocket.holdMessages(options.maxPayload)
  core.response.alongside = run(handler, webSocket, request).then(release)
}

async function run(handler: WebSocketHandler, webSocket: GuardedWebSocket, request: Request): Promise<void> {
  try {
    await handler(webSocket, request)
  } catch (thrown) {
    webSocket.watch?.failed(thrown)
  }
}
