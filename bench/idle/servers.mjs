// The servers that are compared: node's own, each with the options that tribind sets, and tribind.

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

const bare = {
  http: () => createHttpServer({ ...timeouts, keepAlive: true }, answer),
  https: () => createHttpsServer({ ...timeouts, ...tls, keepAlive: true }, answer),
  http2: () => {
    const settings = { maxConcurrentStreams: 100 }
    return createSecureServer({ ...tls, keepAlive: true, noDelay: true, allowHTTP1: true, settings }, answer)
  },
}

/** Each takes `http`, `https` or `http2`, and resolves to the port where it listens. */
export const servers = {
  bare(protocol) {
    const server = bare[protocol]()
    server.timeout = timeout
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
  },

  async tribind(protocol) {
    const { Server } = await import('tribind')
    const https = protocol === 'http' ? {} : { https: tls, http2: protocol === 'http2' }
    const server = new Server({ address: '127.0.0.1:0', ...timeouts, timeout, maxConnections: 100_000, ...https })
    server.get('/', () => body)
    await server.start()
    return server.port
  },
}
