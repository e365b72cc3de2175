import { Controller, Server } from '../../../dist/index.js'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { createMessage, createRouteTable, describePost, greeting } from '../scenarios.mjs'

class GreetingController extends Controller {
  #used = false

  index() {
    if (this.#used) throw new Error('This controller served a request before')
    this.#used = true
    return this.request === undefined ? 'Hello, nobody!' : greeting
  }
}

const scenarios = {
  hello: (server) => server.bindHandler('GET:/', () => greeting),

  json: (server) => server.bindHandler('GET:/json', () => createMessage()),

  params: (server) =>
    server.bindHandler('GET:/users/:id/posts/:postId', (request) =>
      describePost(request.params.id, request.params.postId),
    ),

  table: (server) => {
    for (const { route, answer } of createRouteTable()) {
      server.bindHandler(`GET:${route}`, (request) => answer(request.params.id))
    }
  },

  controller: (server) => {
    server.bindHookHandler('/*', 'BeforeServe', (request) => request.context.set('mark', hookMark))
    server.bindHookHandler('/*', 'AfterServe', (request) => readHookMark(request.context.get('mark')))
    server.bindController('GET:/controller', GreetingController)
  },

  missing: (server) => scenarios.hello(server),
}

export async function listen(scenario) {
  const server = new Server({ port: 0, address: '127.0.0.1' })
  scenarios[scenario](server)
  await server.start()
  return server.port
}
