// The classes of node:http over the transport: what `raw` would be where it is asked for, and what the transport gains where it always is.

import { IncomingMessage, ServerResponse } from 'node:http'

export class NodeIncoming extends IncomingMessage {
  constructor(connection, head) {
    super(connection.socket)
    this.method = head.method
    this.url = head.target
    this.httpVersionMajor = 1
    this.httpVersionMinor = head.minor
    this.httpVersion = `1.${head.minor}`
    this._addHeaderLines(head.rawHeaders, head.rawHeaders.length)
  }

  // On the request itself: Express gives it another prototype.
  receive = (chunk) => {
    // `_read` of IncomingMessage resumes it.
    if (!this.push(chunk)) this.socket.pause()
  }

  finish = (rawTrailers) => {
    this.complete = true
    this._addHeaderLines(rawTrailers, rawTrailers.length)
    this.push(null)
  }

  drop = () => this._dump()

  leave = () => this.destroy()
}

export class NodeOutgoing extends ServerResponse {
  constructor(connection, request, keepsAlive) {
    super(request)
    const { socket } = connection
    this.shouldKeepAlive = keepsAlive
    this._keepAliveTimeout = connection.keepAliveTimeout
    this.assignSocket(socket)
    this.on('finish', () => {
      this.detachSocket(socket)
      connection.finishResponse(this)
    })
  }

  settle = () => process.nextTick(tellClose, this)

  /** That the connection is gone, it hears from the socket. */
  leave = () => {}
}

function tellClose(response) {
  response.destroyed = true
  response._closed = true
  response.emit('close')
}
