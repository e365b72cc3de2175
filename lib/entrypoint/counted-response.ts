import { type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { CountedConnection } from './counted-connection.ts'

/** A response of HTTP/1 that counts as an error where it is answered 5xx, in whatever way. */
export class CountedResponse extends ServerResponse {
  override writeHead(status: number, reasonOrFields?: unknown, fields?: OutgoingHttpHeaders): this {
    super.writeHead(status, reasonOrFields as string, fields)
    if (this.statusCode >= 500) this.#count()
    return this
  }

  #count(): void {
    const { socket } = this.req
    // A client that has left gets no answer.
    if (!socket.destroyed) CountedConnection.of(socket)?.fail(this)
  }
}
