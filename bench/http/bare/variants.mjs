// What the public API of node:http has to offer below its plain use: one thing changed in each, then what is worth it in one.

import { IncomingMessage, ServerResponse } from 'node:http'

const type = 'text/plain; charset=utf-8'

const plain = (response, text) => {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

const listHead = (text) => ['Content-Type', type, 'Content-Length', String(Buffer.byteLength(text))]

const headList = (response, text) => {
  response.writeHead(200, listHead(text))
  response.end(text)
}

const setHeaders = (response, text) => {
  response.setHeader('content-type', type)
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

const latin1 = (response, text) => {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text, 'latin1')
}

const writeOnce = (response, head, text, encoding) => {
  response.writeHead(200, head)
  response.socket.cork()
  response.write(text, encoding)
  response.socket.uncork()
  response.end()
}

const oneWrite = (response, text) =>
  writeOnce(response, { 'content-type': type, 'content-length': Buffer.byteLength(text) }, text, 'utf8')

let date = ''
const renewDate = () => {
  date = new Date().toUTCString()
}

const ownDate = (response, text) => {
  response.sendDate = false
  response.writeHead(200, [...listHead(text), 'Date', date])
  response.end(text)
}

class Request extends IncomingMessage {}
class Response extends ServerResponse {}

/** Name to `{ respond, options?, prepare? }`: how text is answered, the options of the server, what is done to it at once. */
export const variants = {
  'set-headers': { respond: setHeaders },
  'head-list': { respond: headList },
  latin1: { respond: latin1 },
  'one-write': { respond: oneWrite },
  'own-date': {
    respond: ownDate,
    prepare() {
      renewDate()
      setInterval(renewDate, 1000).unref()
    },
  },
  'no-idle-timer': { respond: plain, options: { keepAliveTimeout: 0 } },
  'one-idle-timer': {
    respond: plain,
    options: { keepAliveTimeout: 0 },
    prepare: (server) => server.setTimeout(72_000, (socket) => socket.destroy()),
  },
  'no-timeouts': { respond: plain, options: { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 } },
  'own-classes': { respond: plain, options: { IncomingMessage: Request, ServerResponse: Response } },
  together: { respond: (response, text) => writeOnce(response, listHead(text), text, 'latin1') },
}
