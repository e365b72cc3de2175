// What stands in for the request and response of node:http, so that a request costs nothing but what tribind does for it.

/** Calls that added a listener to a stand-in, by event. */
export const addedListeners = new Map()

class StandIn {
  on(event) {
    addedListeners.set(event, (addedListeners.get(event) ?? 0) + 1)
    return this
  }

  once(event) {
    return this.on(event)
  }

  addListener(event) {
    return this.on(event)
  }

  prependListener(event) {
    return this.on(event)
  }

  prependOnceListener(event) {
    return this.on(event)
  }

  removeListener() {
    return this
  }

  off() {
    return this
  }
}

class SocketStandIn extends StandIn {
  remoteAddress = '127.0.0.1'
  encrypted = false
  destroyed = false
}

// One connection that is kept alive brings all requests.
const socket = new SocketStandIn()

const fields = ['Host', 'localhost:3000', 'User-Agent', 'stand-in', 'Accept', '*/*', 'Connection', 'keep-alive']
const headers = { host: 'localhost:3000', 'user-agent': 'stand-in', accept: '*/*', connection: 'keep-alive' }

export class RequestStandIn extends StandIn {
  socket = socket
  httpVersion = '1.1'
  rawHeaders = fields
  headers = headers
  destroyed = false
  complete = true

  constructor(method, url) {
    super()
    this.method = method
    this.url = url
  }
}

/** Keeps what it is given, and sends nothing. */
export class ResponseStandIn extends StandIn {
  socket = socket
  statusCode = 200
  statusMessage = undefined
  head = undefined
  body = undefined
  headersSent = false
  writableEnded = false
  writableFinished = false
  closed = false
  destroyed = false
  shouldKeepAlive = true
  sendDate = true
  strictContentLength = false

  constructor(request) {
    super()
    this.req = request
  }

  getHeaderNames() {
    return noNames
  }

  hasHeader() {
    return false
  }

  getHeader() {
    return undefined
  }

  writeHead(status, head) {
    this.statusCode = status
    this.head = head
    this.headersSent = true
    return this
  }

  end(body) {
    this.body = body
    this.writableEnded = true
    return this
  }
}

// The real one makes an array each time; a response that nobody set a field on has none.
const noNames = []
