import { once } from 'node:events'
import { Router } from '@koa/router'
import Koa from 'koa'
import {
  GreetingController,
  createDomains,
  createMessage,
  createRouteTable,
  describePassed,
  describePost,
  greeting,
  middlewareCount,
} from '../content.mjs'
import { hookMark, readHookMark } from '../hook-mark.mjs'

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

  routes: (app, router, count) => {
    for (const { route, answer } of createRouteTable(count)) {
      router.get(route, (ctx) => {
        ctx.body = answer(ctx.params.id)
      })
    }
  },

  async echo(app, router) {
    const { bodyParser } = await import('@koa/bodyparser')
    app.use(bodyParser())
    router.post('/echo', (ctx) => {
      ctx.body = ctx.request.body
    })
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

  middleware: (app, router) => {
    for (let step = 0; step < middlewareCount; step += 1) {
      app.use((ctx, next) => {
        ctx.state.passed = (ctx.state.passed ?? 0) + 1
        return next()
      })
    }
    router.get('/middleware', (ctx) => {
      ctx.body = describePassed(ctx.state.passed)
    })
  },

  domains: (app, router, count) => {
    for (const { host, text } of createDomains(count)) {
      const domain = new Router({ host })
      domain.get('/', (ctx) => {
        ctx.body = text
      })
      app.use(domain.routes())
    }
  },
}

export async function listen(handlers, size) {
  const app = new Koa()
  const router = new Router()
  await scenarios[handlers](app, router, size)
  app.use(router.routes())
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}
