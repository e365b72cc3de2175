/** What a WebSocket tells, and the arguments of its listeners. */
export interface WebSocketEvents {
  message: [data: Buffer, isBinary: boolean]
  /** With 1006 where the connection broke (RFC 6455, section 7.4.1). */
  close: [code: number, reason: Buffer]
  error: [error: Error]
  ping: [data: Buffer]
  pong: [data: Buffer]
}

type Payload = string | ArrayBufferLike | NodeJS.ArrayBufferView
type WhenSent = (error?: Error) => void

/**
 * An open WebSocket: at run time that of the package `ws`, here with what a handler needs and without its types.
 *
 * A listener that throws, or whose promise rejects, closes it with 1011.
 */
export interface WebSocket {
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
  readonly readyState: 0 | 1 | 2 | 3
  /** The subprotocol agreed upon; `''` for none. */
  readonly protocol: string
  /** What is sent and not yet taken by the system, in bytes. */
  readonly bufferedAmount: number
  readonly isPaused: boolean
  on<E extends keyof WebSocketEvents>(event: E, listener: (...values: WebSocketEvents[E]) => unknown): this
  once<E extends keyof WebSocketEvents>(event: E, listener: (...values: WebSocketEvents[E]) => unknown): this
  off<E extends keyof WebSocketEvents>(event: E, listener: (...values: WebSocketEvents[E]) => unknown): this
  /** Sends text as text, bytes as bytes; once the socket is closing, nothing. */
  send(data: Payload, sent?: WhenSent): void
  send(data: Payload, options: { binary?: boolean; fin?: boolean }, sent?: WhenSent): void
  ping(data?: Payload): void
  pong(data?: Payload): void
  /** Ends it the way both sides agree upon; a code is 1000 or from 3000 to 4999, a reason 123 bytes at most. */
  close(code?: number, reason?: string): void
  /** Cuts the connection. */
  terminate(): void
  /** Reads nothing more until `resume`. */
  pause(): void
  resume(): void
}
