import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import serveIndex from 'serve-index'
import serveStatic from 'serve-static'
import { fromExpress } from 'tribind'
import { WebSocketServer } from 'ws'
import { bothWays, overHttp1, until } from '../feature/both-ways.ts'
import { connect } from '../feature/websocket-client.ts'

describe('serve-static and serve-index', () => {
  bothWays(
    'serve a folder where they are mounted',
    (server) => {
      server.use(fromExpress([serveStatic('docs'), serveIndex('docs')], { path: '/files' }))
      server.get('/files/none', ({ raw }) => raw.url)
    },
    async (send) => {
      const file = await send('/files/README.md')
      expect([file.status, file.header('content-type')]).to.deep.equal([200, 'text/markdown; charset=utf-8'])
      expect(file.header('etag')).to.match(/^W\//)
      expect((await send('/files/')).text).to.include('architecture.md')
      expect((await send('/files/none')).text).to.equal('/files/none')
      expect((await send('/files/nowhere')).status).to.equal(404)
    },
  )
})

describe('an application of Express 5', () => {
  bothWays(
    'serves its routes, and leaves the others to tribind',
    (server) => {
      const app = express()
      app.use(express.json())
      app.get('/users/:id', (req, res) => void res.json({ id: req.params.id, query: req.query, ip: req.ip !== '' }))
      app.post('/users', (req, res) => void res.status(201).location('/users/7').send(req.body))
      app.get('/fails', () => Promise.reject(Object.assign(new Error('secret'), { status: 418 })))
      server.use(fromExpress(app))
      server.get('/ours', () => 'ours')
      server.bindStatusHandler(418, () => 'caught')
    },
    async (send) => {
      expect((await send('/users/7?a=1')).text).to.equal('{"id":"7","query":{"a":"1"},"ip":true}')
      const headers = { 'content-type': 'application/json' }
      const created = await send({ method: 'POST', url: '/users', headers, body: '{"name":"ann"}' })
      expect([created.status, created.header('location'), created.text]).to.deep.equal([
        201,
        '/users/7',
        '{"name":"ann"}',
      ])
      expect((await send('/ours')).text).to.equal('ours')
      expect((await send('/none')).text).to.equal('Not Found')
      expect((await send('/fails')).status).to.equal(418)
    },
  )
})

describe('http-proxy-middleware', () => {
  const upstream = createServer(async (req, res) => {
    const body = await req.toArray()
    res.setHeader('x-upstream', 'yes').end(`${req.method} ${req.url} ${Buffer.concat(body as Buffer[]).toString()}`)
  })

  const sockets = new WebSocketServer({ server: upstream })
  sockets.on('connection', (socket, { url }) => {
    socket.on('message', (data: Buffer) => socket.send(`${url}: ${data.toString()}`))
  })

  before((done) => void upstream.listen(0, '127.0.0.1', done))
  after(() => upstream.close())

  bothWays(
    'passes requests on, with their bodies, and what comes back',
    (server) => {
      const target = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
      server.use(fromExpress(createProxyMiddleware({ target, pathFilter: '/api' }), { body: false }))
      server.get('/ours', () => 'ours')
    },
    async (send) => {
      const headers = { 'content-type': 'application/json', 'content-length': '7' }
      const { text, header } = await send({ method: 'POST', url: '/api/users?a=1', headers, body: '{"a":1}' })
      expect([text, header('x-upstream')]).to.deep.equal(['POST /api/users?a=1 {"a":1}', 'yes'])
      expect((await send('/ours')).text).to.equal('ours')
    },
  )

  overHttp1(
    'passes WebSockets on',
    (server) => {
      const target = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
      server.bindUpgrade('/sockets/*', createProxyMiddleware({ target }).upgrade)
    },
    async (_send, _world, { port }) => {
      const { socket, messages, closed } = await connect(port, '/sockets/chat')
      socket.send('hello')
      await until(() => messages.length > 0, 'it is answered')
      expect(messages).to.deep.equal(['/sockets/chat: hello'])
      socket.close(1000)
      expect((await closed)[0]).to.equal(1000)
    },
  )
})
