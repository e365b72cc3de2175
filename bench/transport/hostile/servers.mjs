// The servers that the cases are tried on. All of them tell what they were asked: method, target and body.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from '../../../dist/index.js'
import { createLightServer } from '../light-on-node.mjs'
import { LlhttpParser } from '../llhttp-parser.mjs'
import { Transport } from '../transport.mjs'

const quiet = { debug() {}, info() {}, warn() {}, error: console.error }

function tell(request, response) {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('latin1')
    const text = `${request.method} ${request.url.slice(0, 30)} ${body.slice(0, 30)}`.trim()
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': text.length })
    response.end(text)
  })
}

function createTribind() {
  const server = new Server({ port: 0, address: '127.0.0.1', logger: quiet })
  server.bindHandler('/*', async (request) => {
    const body = Buffer.from(await request.bytes()).toString('latin1')
    return `${request.method} ${request.url.slice(0, 30)} ${body.slice(0, 30)}`.trim()
  })
  return server
}

async function listenOnNode(serve = tell, create = createServer) {
  const server = create(serve)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: server.address().port, close: () => (server.closeAllConnections(), server.close()) }
}

async function listenByTribind() {
  const server = createTribind()
  await server.start()
  return { port: server.port, close: () => server.stop() }
}

async function listenOnTransport(serve, options) {
  const transport = new Transport(serve, options)
  return { port: await transport.listen(), close: () => transport.close(0) }
}

export const servers = {
  'node:http': () => listenOnNode(),
  'light classes': () => listenOnNode(tell, createLightServer),
  transport: () => listenOnTransport(tell),
  'transport by llhttp': () => listenOnTransport(tell, { Parser: LlhttpParser }),
  'tribind on node:http': listenByTribind,
  'tribind on transport': () => listenOnTransport(createTribind().handle),
}
