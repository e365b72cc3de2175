import type { Socket } from 'node:net'
import type { CommandTarget } from '../commands/command-options.ts'
import { ConnectionService, type OpenService, type ServicePlace } from './connection-service.ts'

/**
 * Serves a connection of an entry point, after the handshake where there is TLS. As a method, it may declare its second
 * parameter as an `EntryPoint`. What it throws is logged, and cuts the connection.
 */
export type ConnectionHandler = { serve(socket: Socket, entryPoint: CommandTarget): unknown }['serve']

/** A function of the application that serves connections. */
export class ConnectionFunction extends ConnectionService {
  readonly protocol = 'tcp'
  readonly limits = [] as const
  /** As `net.createServer` has it. */
  override readonly allowHalfOpen = false
  override readonly clientSendsFirst = false
  readonly #handler: ConnectionHandler

  constructor(handler: ConnectionHandler) {
    super()
    this.#handler = handler
  }

  open({ entryPoint }: ServicePlace): OpenService {
    return { serve: (socket) => this.#handler(socket, entryPoint) }
  }
}
