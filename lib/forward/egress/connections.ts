import type { Socket } from 'node:net'

/** What is to be connected to. */
export interface Target {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/** What one connection may take. */
export interface ConnectOptions {
  /** In milliseconds. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether the socket stays open for writing when the other side ends. Default false. */
  readonly allowHalfOpen?: boolean
}

/** The way that one request or connection takes: chosen before anything is connected, so that a kept connection can serve too. */
export interface Choice {
  /** A connection that was kept may serve if its key was the same. It names the addresses as they are at the time of the choice. */
  readonly key: string
  connect(target: Target, options?: ConnectOptions): Promise<Socket>
  /** Whether a connection that this choice led to may be kept under its key: one that was a way out of a failure may not. */
  keeps(socket: Socket): boolean
}

/** What chooses the ways of connections, an egress or a chain. */
export interface Connections {
  choose(): Choice
}
