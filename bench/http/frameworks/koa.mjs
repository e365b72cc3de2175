import { once } from 'node:events'
import { Router } from '@koa/router'
import Koa from 'koa'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { GreetingController, createMessage, createRouteTable, describePost, greeting } from '../scenarios.mjs'

const scenarios = {
  hello: (app, router) =>
    router.get('/', (ctx) => {
      ctx.body = greeting
    }),

  json: (app, router) =>
    router.get('/json', (ctx) => {
      ctx.body = createMessage()
    }),

  params: (app, router) =>
    router.get('/users/:id/posts/:postId', (ctx) => {
      ctx.body = describePost(ctx.params.id, ctx.params.postId)
    }),

  table: (app, router) => {
    for (const { route, answer } of createRouteTable()) {
      router.get(route, (ctx) => {
        ctx.body = answer(ctx.params.id)
      })
    }
  },

  controller: (app, router) => {
    app.use((ctx, next) => {
      ctx.state.mark = hookMark
      return next()
    })
    app.use(async (ctx, next) => {
      await next()
      readHookMark(ctx.state.mark)
    })
    router.get('/controller', (ctx) => {
      ctx.body = new GreetingController(ctx.request).show()
    })
  },

  missing: (app, router) => scenarios.hello(app, router),
}

export async function listen(scenario) {
  const app = new Koa()
  const router = new Router()
  scenarios[scenario](app, router)
  app.use(router.routes())
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}
