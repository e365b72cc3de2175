import { fastify } from 'fastify'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { GreetingController, createMessage, createRouteTable, describePost, greeting } from '../scenarios.mjs'

const scenarios = {
  hello: (app) => app.get('/', () => greeting),

  json: (app) => app.get('/json', () => createMessage()),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (request) => describePost(request.params.id, request.params.postId)),

  table: (app) => {
    for (const { route, answer } of createRouteTable()) app.get(route, (request) => answer(request.params.id))
  },

  controller: (app) => {
    app.decorateRequest('mark', '')
    app.addHook('onRequest', (request, reply, done) => {
      request.mark = hookMark
      done()
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      readHookMark(request.mark)
      done()
    })
    app.get('/controller', (request) => new GreetingController(request).show())
  },

  missing: (app) => scenarios.hello(app),
}

export async function listen(scenario) {
  const app = fastify()
  scenarios[scenario](app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}
