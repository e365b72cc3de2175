// AdonisJS's HTTP server alone, put together as its framework puts it together.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { Application } from '@adonisjs/application'
import { Encryption } from '@adonisjs/encryption'
import { Emitter } from '@adonisjs/events'
import { Server, defineConfig } from '@adonisjs/http-server'
import { Logger } from '@adonisjs/logger'
import {
  createDomains,
  createMessage,
  createRouteTable,
  describePassed,
  describePost,
  greeting,
  middlewareCount,
  sessionSecret,
} from '../content.mjs'
import { hookMark, readHookMark } from '../hook-mark.mjs'

class GreetingController {
  #used = false

  show(context) {
    if (this.#used) throw new Error('This controller served a request before')
    this.#used = true
    return context.request === undefined ? 'Hello, nobody!' : greeting
  }
}

class BeforeHook {
  handle(context, next) {
    context.mark = hookMark
    return next()
  }
}

class AfterHook {
  async handle(context, next) {
    await next()
    readHookMark(context.mark)
  }
}

class Step {
  handle(context, next) {
    context.passed = (context.passed ?? 0) + 1
    return next()
  }
}

const scenarios = {
  hello: (router) => router.get('/', () => greeting),

  json: (router) => router.get('/json', () => createMessage()),

  params: (router) => router.get('/users/:id/posts/:postId', ({ params }) => describePost(params.id, params.postId)),

  routes: (router, count) => {
    for (const { route, answer } of createRouteTable(count)) router.get(route, ({ params }) => answer(params.id))
  },

  async echo(router, size, app) {
    const { BodyParserMiddleware } = await import('@adonisjs/bodyparser/bodyparser_middleware')
    const { defineConfig: configure } = await import('@adonisjs/bodyparser')
    app.container.bind(BodyParserMiddleware, () => new BodyParserMiddleware(configure({})))
    router.use([load(BodyParserMiddleware)])
    router.post('/echo', ({ request }) => request.body())
  },

  controller: (router) => {
    router.use([load(BeforeHook), load(AfterHook)])
    router.get('/controller', [GreetingController, 'show'])
  },

  middleware: (router) => {
    router.use(Array.from({ length: middlewareCount }, () => load(Step)))
    router.get('/middleware', ({ passed }) => describePassed(passed))
  },

  domains: (router, count) => {
    for (const { host, text } of createDomains(count)) router.group(() => router.get('/', () => text)).domain(host)
  },
}

/** Middleware is imported when the server boots; ours is here already. */
function load(middleware) {
  return async () => ({ default: middleware })
}

export async function listen(handlers, size) {
  const app = new Application(new URL('./', import.meta.url), { environment: 'web' })
  await app.init()
  const logger = new Logger({ enabled: false })
  const server = new Server(app, new Encryption({ secret: sessionSecret }), new Emitter(app), logger, defineConfig({}))
  await scenarios[handlers](server.getRouter(), size, app)
  await server.boot()
  const listener = createServer(server.handle.bind(server)).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return listener.address().port
}
