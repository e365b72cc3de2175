// Code made for Connect and Express, served by tribind: on node:http, on the transport, and on it with the classes of node:http.
// `node bench/transport/guests.mjs`

import { fileURLToPath } from 'node:url'
import bodyParser from 'body-parser'
import compression from 'compression'
import express from 'express'
import helmet from 'helmet'
import morgan from 'morgan'
import multer from 'multer'
import { fromConnect, fromExpress, Server } from '../../dist/index.js'
import { Transport } from './transport.mjs'

const file = fileURLToPath(new URL('grammar.mjs', import.meta.url))
const form = () => {
  const data = new FormData()
  data.set('f', new Blob(['x'.repeat(300_000)]), 'a.txt')
  return data
}

const requests = {
  'compression, helmet': ['/plain'],
  'a handler of Express': ['/hi?a=1'],
  'body-parser': ['/form', { method: 'POST', body: new URLSearchParams({ a: 'b' }) }],
  multer: ['/file', { method: 'POST', body: form() }],
  'res.redirect': ['/redirect', { redirect: 'manual' }],
  'res.sendFile': ['/send'],
  'response.hijack': ['/hijack'],
  'a body sent back': ['/body', { method: 'POST', body: 'y'.repeat(200_000) }],
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const logged = []

function createServer() {
  const app = express()
  app.get('/hi', (request, response) => response.json({ ip: request.ip, query: request.query }))
  app.post('/form', bodyParser.urlencoded({ extended: false }), (request, response) => response.send(request.body))
  app.post('/file', multer().single('f'), (request, response) => response.send({ size: request.file.size }))
  app.get('/redirect', (_, response) => response.redirect('/hi'))
  app.get('/send', (_, response) => response.sendFile(file))
  const server = new Server({ port: 0, logger: quiet })
  server.use(fromConnect(compression({ threshold: 0 })))
  server.use(fromConnect(helmet()))
  server.use(fromConnect(morgan(':status', { stream: { write: (line) => logged.push(line.trim()) } })))
  server.use(fromExpress(app))
  server.get('/plain', () => 'x'.repeat(2000))
  server.get('/hijack', (request) => {
    const { response } = request.response.hijack()
    response.write('one')
    response.end('two')
  })
  server.post('/body', (request) => request.body)
  return server
}

const server = createServer()
await server.start()
const ports = {
  'node:http': server.port,
  transport: await new Transport(server.handle).listen(),
  "Node's classes": await new Transport(server.handle, { hasNodesClasses: true }).listen(),
}
for (const [name, port] of Object.entries(ports)) {
  logged.length = 0
  for (const [what, [path, init]] of Object.entries(requests))
    console.log(`${name}: ${what}: ${await ask(port, path, init)}`)
  console.log(`${name}: morgan has logged ${logged.join(' ')}`)
}
process.exit()

async function ask(port, path, init) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal: AbortSignal.timeout(3000) })
    return `${response.status}, ${(await response.text()).length} characters`
  } catch (error) {
    return `failed: ${error.message}`
  }
}
