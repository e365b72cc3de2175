// The servers that are compared. Each takes `https` or `http2`, and resolves to the port where it listens.

import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import { createRequire } from 'node:module'
import { createMessage, greeting } from '../http/content.mjs'
import { sendJson, sendText } from '../http/bare/send.mjs'
import { readPair } from './pair.mjs'

const pair = readPair()
const host = '127.0.0.1'

const create = {
  https: (listener) => createServer(pair, listener),
  http2: (listener) => createSecureServer({ ...pair, allowHTTP1: true }, listener),
}

/** What a program without a framework writes: by requests and responses, those of the compatibility API under HTTP/2. */
function bare(protocol) {
  return listen(
    create[protocol]((request, response) => {
      if (request.method === 'GET' && request.url === '/') sendText(response, greeting)
      else if (request.method === 'GET' && request.url === '/json') sendJson(response, createMessage())
      else sendText(response, 'Not Found', 404)
    }),
  )
}

/** HTTP/2 by streams alone, without requests and responses: what no framework for HTTP/1.1 too can do. */
function bareStream() {
  const server = create.http2()
  server.on('stream', (stream, { ':method': method, ':path': path }) => {
    stream.on('error', () => {})
    if (method === 'GET' && path === '/') respond(stream, 'text/plain; charset=utf-8', greeting)
    else if (method === 'GET' && path === '/json')
      respond(stream, 'application/json; charset=utf-8', JSON.stringify(createMessage()))
    else respond(stream, 'text/plain; charset=utf-8', 'Not Found', 404)
  })
  return listen(server)
}

function respond(stream, type, body, status = 200) {
  stream.respond({ ':status': status, 'content-type': type, 'content-length': Buffer.byteLength(body) })
  stream.end(body)
}

async function fastify(protocol) {
  const { fastify: createApp } = createRequire(new URL('../http/package.json', import.meta.url))('fastify')
  const app =
    protocol === 'https' ? createApp({ https: pair }) : createApp({ http2: true, https: { ...pair, allowHTTP1: true } })
  app.get('/', () => greeting)
  app.get('/json', () => createMessage())
  await app.listen({ port: 0, host })
  return app.server.address().port
}

async function tribind(protocol) {
  const { Server } = await import('tribind')
  const server = new Server({ port: 0, address: host, https: pair, http2: protocol === 'http2' })
  server.bindHandler('GET:/', () => greeting)
  server.bindHandler('GET:/json', () => createMessage())
  await server.start()
  return server.port
}

async function listen(server) {
  await once(server.listen(0, host), 'listening')
  return server.address().port
}

export const servers = { bare, 'bare-stream': bareStream, fastify, tribind }
