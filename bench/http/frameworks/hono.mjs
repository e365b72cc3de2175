import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { GreetingController, createMessage, createRouteTable, describePost, greeting } from '../scenarios.mjs'

const scenarios = {
  hello: (app) => app.get('/', (c) => c.text(greeting)),

  json: (app) => app.get('/json', (c) => c.json(createMessage())),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (c) => c.text(describePost(c.req.param('id'), c.req.param('postId')))),

  table: (app) => {
    for (const { route, answer } of createRouteTable()) app.get(route, (c) => c.text(answer(c.req.param('id'))))
  },

  controller: (app) => {
    app.use((c, next) => {
      c.set('mark', hookMark)
      return next()
    })
    app.use(async (c, next) => {
      await next()
      readHookMark(c.get('mark'))
    })
    app.get('/controller', (c) => c.text(new GreetingController(c.req).show()))
  },

  missing: (app) => scenarios.hello(app),
}

export async function listen(scenario) {
  const app = new Hono()
  scenarios[scenario](app)
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  return server.address().port
}
