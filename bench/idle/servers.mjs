// The servers that are compared: node's own, each with the options that tribind sets, ws, Fastify and tribind.

import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'

/** How often servers look at their connections, and let go of what they keep of closed ones. */
export const checkedEveryMs = 500

/** Long: a run on a busy machine must not be cut short. What a connection costs doesn't depend on them, unless they are 0. */
const timeouts = {
  headersTimeout: 600_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 600_000,
  connectionsCheckingInterval: checkedEveryMs,
}
const timeout = 600_000
const body = 'Hello, World!'

const readTls = (name) => readFileSync(new URL(`../../test/tls/${name}.pem`, import.meta.url), 'utf8')
const tls = { key: readTls('key'), cert: readTls('cert') }
const answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length })
  response.end(body)
}

/** What is told to all WebSockets or event streams at once. */
const news = { text: 'It rains in the north, and the ferries wait.' }
const event = `data: ${JSON.stringify(news)}\n\n`

/** The open WebSockets and event streams, whichever the server has. */
const receivers = new Set()

const openEvents = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  receivers.add(response)
  response.on('close', () => receivers.delete(response))
}

const receive = (webSocket) => {
  receivers.add(webSocket)
  webSocket.on('close', () => receivers.delete(webSocket))
}

const bare = {
  http: () => createHttpServer({ ...timeouts, keepAlive: true }, answer),
  events: () => createHttpServer({ ...timeouts, keepAlive: true }, openEvents),
  https: () => createHttpsServer({ ...timeouts, ...tls, keepAlive: true }, answer),
  http2: () => {
    const settings = { maxConcurrentStreams: 100 }
    return createSecureServer({ ...tls, keepAlive: true, noDelay: true, allowHTTP1: true, settings }, answer)
  },
}

/** Tells all at once, in the way that each server has. */
export const broadcasts = {
  bare: { events: () => receivers.forEach((response) => response.write(event)) },
  ws: { websocket: () => receivers.forEach((webSocket) => webSocket.send(JSON.stringify(news))) },
  tribind: {
    websocket: () => receivers.forEach((webSocket) => webSocket.send(JSON.stringify(news))),
    events: () => receivers.forEach((events) => void events.send(news)),
  },
}

export function countReceivers() {
  return receivers.size
}

/** Each takes a protocol that it speaks, and resolves to the port where it listens. */
export const servers = {
  bare(protocol) {
    const server = bare[protocol]()
    server.timeout = timeout
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
  },

  async ws() {
    const { WebSocketServer } = await import('ws')
    const server = createHttpServer({ ...timeouts, keepAlive: true }, answer)
    new WebSocketServer({ server, clientTracking: false }).on('connection', receive)
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
  },

  async fastify(protocol) {
    const { default: fastify } = await import('fastify')
    const https = protocol === 'http' ? {} : { https: { ...tls, allowHTTP1: true }, http2: protocol === 'http2' }
    const app = fastify({ ...timeouts, connectionTimeout: timeout, http: timeouts, ...https })
    app.get('/', (_request, reply) => reply.type('text/plain; charset=utf-8').send(body))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server.address().port
  },

  async tribind(protocol) {
    const { Server } = await import('../../dist/index.js')
    const https = protocol.startsWith('http') && protocol !== 'http' ? { https: tls, http2: protocol === 'http2' } : {}
    const server = new Server({ address: '127.0.0.1:0', ...timeouts, timeout, maxConnections: 100_000, ...https })
    if (protocol === 'websocket') server.bindWebSocket('/', receive)
    else if (protocol === 'events') server.get('/', openStream)
    else server.get('/', () => body)
    await server.start()
    return server.port
  },
}

function openStream(request) {
  const events = request.response.sse()
  receivers.add(events)
  void events.closed.then(() => receivers.delete(events))
}
