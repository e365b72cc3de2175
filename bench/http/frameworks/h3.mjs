import { H3, serve } from 'h3'
import {
  GreetingController,
  createMessage,
  createRouteTable,
  describePassed,
  describePost,
  greeting,
  middlewareCount,
} from '../content.mjs'
import { hookMark, readHookMark } from '../hook-mark.mjs'

const scenarios = {
  hello: (app) => app.get('/', () => greeting),

  json: (app) => app.get('/json', () => createMessage()),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (event) => describePost(event.context.params.id, event.context.params.postId)),

  routes: (app, count) => {
    for (const { route, answer } of createRouteTable(count)) {
      app.get(route, (event) => answer(event.context.params?.id))
    }
  },

  echo: (app) => app.post('/echo', (event) => event.req.json()),

  controller: (app) => app.get('/controller', (event) => new GreetingController(event.req).show()),

  middleware: (app) => {
    for (let step = 0; step < middlewareCount; step += 1) {
      app.use((event, next) => {
        event.context.passed = (event.context.passed ?? 0) + 1
        return next()
      })
    }
    app.get('/middleware', (event) => describePassed(event.context.passed))
  },
}

const hooks = {
  onRequest(event) {
    event.context.mark = hookMark
  },
  onResponse(response, event) {
    readHookMark(event.context.mark)
  },
}

export async function listen(handlers, size) {
  const app = new H3(handlers === 'controller' ? hooks : {})
  scenarios[handlers](app, size)
  const server = serve(app, { port: 0, hostname: '127.0.0.1', silent: true })
  await server.ready()
  return Number(new URL(server.url).port)
}
