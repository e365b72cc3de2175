import { H3, serve } from 'h3'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { GreetingController, createMessage, createRouteTable, describePost, greeting } from '../scenarios.mjs'

const scenarios = {
  hello: (app) => app.get('/', () => greeting),

  json: (app) => app.get('/json', () => createMessage()),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (event) => describePost(event.context.params.id, event.context.params.postId)),

  table: (app) => {
    for (const { route, answer } of createRouteTable()) app.get(route, (event) => answer(event.context.params?.id))
  },

  controller: (app) => app.get('/controller', (event) => new GreetingController(event.req).show()),

  missing: (app) => scenarios.hello(app),
}

const hooks = {
  onRequest(event) {
    event.context.mark = hookMark
  },
  onResponse(response, event) {
    readHookMark(event.context.mark)
  },
}

export async function listen(scenario) {
  const app = new H3(scenario === 'controller' ? hooks : {})
  scenarios[scenario](app)
  const server = serve(app, { port: 0, hostname: '127.0.0.1', silent: true })
  await server.ready()
  return Number(new URL(server.url).port)
}
