// What is measured: each listens and resolves to its port.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { byHand, byHandInOneWrite, createTribind } from './applications.mjs'
import { createLightServer } from './light-on-node.mjs'
import { LlhttpParser } from './llhttp-parser.mjs'
import { duties, Transport } from './transport.mjs'

const all = Object.keys(duties)

const onNode = async (serve, create = createServer) => {
  const server = create(serve)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server.address().port
}

const onTransport = (serve, options) => new Transport(serve, options).listen()

const answerTo = (body) =>
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n' +
  `Content-Length: ${body.length}\r\nDate: ${new Date().toUTCString()}\r\n` +
  `Connection: keep-alive\r\nKeep-Alive: timeout=72\r\n\r\n${body}`

/** One answer to whatever comes: what node:net and the system take. No server on node:net costs less. */
async function listenWithoutReading() {
  const answer = answerTo('Hello, World!')
  const server = createNetServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(answer, 'latin1'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server.address().port
}

async function listenByTribind() {
  const server = createTribind()
  await server.start()
  return server.port
}

const handle = () => createTribind().handle

export const contestants = {
  'node:http': () => onNode(byHand),
  'node:http, one write': () => onNode(byHandInOneWrite),
  'tribind on node:http': listenByTribind,
  'node:net alone': listenWithoutReading,
  transport: () => onTransport(byHand),
  'transport without duties': () => onTransport(byHand, { without: all }),
  'transport by llhttp': () => onTransport(byHand, { Parser: LlhttpParser }),
  'transport, one buffer': () => onTransport(byHand, { readsIntoOneBuffer: true }),
  "transport, Node's classes": () => onTransport(byHand, { hasNodesClasses: true }),
  'tribind on transport': () => onTransport(handle()),
  'tribind on transport, one buffer': () => onTransport(handle(), { readsIntoOneBuffer: true }),
  "tribind on transport, Node's classes": () => onTransport(handle(), { hasNodesClasses: true }),
  'node:http, light classes': () => onNode(byHand, createLightServer),
  'tribind on node:http, light classes': () => onNode(handle(), createLightServer),
  ...Object.fromEntries(
    all.map((duty) => [`transport without ${duty}`, () => onTransport(byHand, { without: [duty] })]),
  ),
}

/** What the figures of a group are compared with comes first. */
export const groups = {
  main: Object.keys(contestants).slice(0, 11),
  classes: [
    'node:http',
    'tribind on node:http',
    'transport',
    "transport, Node's classes",
    'tribind on transport',
    "tribind on transport, Node's classes",
    'node:http, light classes',
    'tribind on node:http, light classes',
  ],
  duties: ['transport', 'transport without duties', ...all.map((duty) => `transport without ${duty}`)],
}
