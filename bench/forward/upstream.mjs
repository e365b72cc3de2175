// A node behind the proxies, in a process of its own.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { answerParent } from '../http/answer-parent.mjs'

const EVERY_MS = 5
const MEGABYTE = Buffer.alloc(2 ** 20, 'x')

const texts = { '/small': Buffer.alloc(100, 'x'), '/large': Buffer.alloc(100_000, 'x') }

/** The responses of downloads whose head alone has gone out. */
const downloads = new Set()
/** The responses of open event streams. */
const streams = new Set()
const delayMs = Number(process.argv[2] ?? 0)

const server = createServer({ keepAliveTimeout: 120_000 }, async (request, response) => {
  if (request.url === '/events') return openStream(response)
  if (request.url === '/download') return openDownload(response)
  if (request.method === 'POST') await request.resume().toArray()
  if (delayMs > 0) await sleep(delayMs)
  const body = texts[request.url] ?? texts['/small']
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length }).end(body)
})

const webSockets = new WebSocketServer({ server, perMessageDeflate: false })
webSockets.on('connection', (socket) => socket.on('message', (message) => socket.send(message)))

/** Sends without end what its clients take, and sends back what comes in, by the first byte that it gets. */
const tcp = createTcpServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', (data) => {
    if (data[0] !== 0) return socket.on('data', (more) => socket.write(more)).write(data)
    const send = () => {
      while (socket.write(MEGABYTE));
    }
    socket.on('drain', send)
    send()
  })
})

answerParent({
  async listen() {
    for (const one of [server, tcp]) await once(one.listen(0, '127.0.0.1', 4096), 'listening')
    return { http: server.address().port, tcp: tcp.address().port, pid: process.pid }
  },

  /** Sends the bodies of all downloads that are open. */
  sendDownloads() {
    for (const response of downloads) void download(response)
    downloads.clear()
  },
})

function openStream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  streams.add(response)
  response.on('close', () => streams.delete(response))
}

/** Each event says when it was sent, and is 100 bytes long. */
setInterval(() => {
  const event = `data: ${process.hrtime.bigint()}`.padEnd(98, '.')
  for (const response of streams) response.write(`${event}\n\n`)
}, EVERY_MS).unref()

/** If the bodies came before all clients read, they would fill what memory the system has for connections. */
function openDownload(response) {
  response.writeHead(200, { 'content-length': 10 * MEGABYTE.length }).flushHeaders()
  downloads.add(response)
}

async function download(response) {
  for (let i = 0; i < 10; i++) if (!response.write(MEGABYTE)) await once(response, 'drain').catch(() => {})
  response.end()
}
