import type { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { isPromise } from '../base/in-turn.ts'
import { onDemand } from '../base/on-demand.ts'
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
  onFailure: (thrown: unknown) => void = () => {}
  /** Messages that came before the handler listened to any. */
  #held: unknown[][] | undefined = undefined
  #heldBytes = 0
  #maxHeldBytes = 0

  override emit(event: string, ...args: unknown[]): boolean {
    if (event === 'message' && this.#held !== undefined) return this.#hold(this.#held, args)
    const listeners = this.rawListeners(event)
    for (const listener of listeners) {
      try {
        const result: unknown = Reflect.apply(listener, this, args)
        if (isPromise(result)) result.then(undefined, this.onFailure)
      } catch (thrown) {
        this.onFailure(thrown)
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

function formatFields({ head, request }: Opening): string[] {
  const { raw } = request.response
  const fields: string[] = []
  // What middleware made for node:http has set.
  for (const name of raw.getHeaderNames()) {
    for (const value of [raw.getHeader(name) ?? []].flat()) fields.push(`${name}: ${value}`)
  }
  for (let i = 0; i < head.length; i += 2) fields.push(`${head[i]}: ${head[i + 1]}`)
  return fields
}

function enter({ request, core, handler, options, prepare, report }: Opening, webSocket: GuardedWebSocket): void {
  const { logger } = request.server
  prepare?.(webSocket)
  webSocket.maxBufferedBytes = options.maxBufferedBytes
  webSocket.onFailure = (error) => {
    if (report(error)) webSocket.close(1011, 'Internal Error')
  }
  webSocket.on('error', (error) =>
    logger.info('A WebSocket was closed', { error, path: request.path, requestId: request.id }),
  )
  keepAlive(webSocket, options.heartbeatMs)
  const closed = core.settings.traffic.streams.open({
    route: core.served,
    // Service Restart: it may connect again at once.
    end: (reason) => webSocket.close(workersOfProcess()?.isReplaced === true ? 1012 : 1001, reason),
    cut: () => webSocket.terminate(),
  })
  webSocket.once('close', closed)
  if (webSocket.readyState !== webSocket.OPEN) return
  const release = webSocket.holdMessages(options.maxPayload)
  core.response.alongside = run(handler, webSocket, request).then(release)
}

async function run(handler: WebSocketHandler, webSocket: GuardedWebSocket, request: Request): Promise<void> {
  try {
    await handler(webSocket, request)
  } catch (thrown) {
    webSocket.onFailure(thrown)
  }
}

/** Pings the client, and cuts one that has gone without a word. */
function keepAlive(webSocket: WebSocket, everyMs: number): void {
  if (everyMs === 0) return
  let isAlive = true
  const timer = setInterval(() => {
    // Nothing is read while it is paused, so no answer either.
    if (webSocket.isPaused) return
    if (!isAlive) return webSocket.terminate()
    isAlive = false
    webSocket.ping()
  }, everyMs).unref()
  webSocket.on('pong', () => (isAlive = true))
  webSocket.on('message', () => (isAlive = true))
  webSocket.once('close', () => clearInterval(timer))
}
