// The application of test/cli/inspect.test.ts: a script that writes, starts and never ends.
import { writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { Controller, Server } from 'tribind'

// The test that loads it into its own process wants nothing of it but what it binds.
const isAlone = process.env.SHOP_PORT !== undefined
if (isAlone) {
  console.log('written by console.log')
  writeSync(1, 'written to the descriptor\n')
  setInterval(() => {}, 1000)
  createServer().listen(process.env.SHOP_PORT)
}

class OrderController extends Controller {
  show() {}
}

export const server = new Server({
  name: 'shop',
  entryPoints: {
    web: '127.0.0.1:8080',
    ops: { address: '127.0.0.1:8081', inherits: false },
  },
  methodNotAllowed: true,
})
server.bindHandler('GET:/user/:id@shop.example', function showUser() {})
server.bindHandler('/user/*rest', function anyUser() {})
server.bindController('/order', OrderController)
server.bindHandler('POST:/cart', function addToCart() {})
server.bindWebSocket('/chat', function chat() {})
server.serveStatic('/apps', new URL('..', import.meta.url))
server.serveStatic('/pages', new URL('pages', import.meta.url))
server.entryPoint('ops').bindHandler('/health', function health() {})
server.bindMiddleware('/*', function limit(_, next) {
  return next()
})
server.bindHookHandler('/user/*', 'AfterOutput', function logUser() {})
server.bindHookHandler('GET:/*', 'BeforeServe', function countReads() {})
server.bindStatusHandler(404, function notFound() {})
await server.layer('later').replace((routes) => void routes.bindHandler('GET:/late', function late() {}))

const api = new Server({ name: 'api' })
api.bindHandler('GET:/items/:item', function showItem() {})
server.mount('/api', api)

if (isAlone) await server.start()
if (isAlone) console.log('the server has started')
