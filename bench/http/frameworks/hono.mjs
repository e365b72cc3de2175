import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import {
  GreetingController,
  createDomains,
  createMessage,
  createRouteTable,
  describePassed,
  describePost,
  fileFolder,
  greeting,
  middlewareCount,
} from '../content.mjs'
import { hookMark, readHookMark } from '../hook-mark.mjs'

const scenarios = {
  hello: (app) => app.get('/', (c) => c.text(greeting)),

  json: (app) => app.get('/json', (c) => c.json(createMessage())),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (c) => c.text(describePost(c.req.param('id'), c.req.param('postId')))),

  routes: (app, count) => {
    for (const { route, answer } of createRouteTable(count)) app.get(route, (c) => c.text(answer(c.req.param('id'))))
  },

  echo: (app) => app.post('/echo', async (c) => c.json(await c.req.json())),

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

  middleware: (app) => {
    for (let step = 0; step < middlewareCount; step += 1) {
      app.use((c, next) => {
        c.set('passed', (c.get('passed') ?? 0) + 1)
        return next()
      })
    }
    app.get('/middleware', (c) => c.text(describePassed(c.get('passed'))))
  },

  async file(app) {
    const { serveStatic } = await import('@hono/node-server/serve-static')
    const { fileURLToPath } = await import('node:url')
    app.use(serveStatic({ root: fileURLToPath(fileFolder) }))
  },

  domains: (app, count) => {
    for (const { host, text } of createDomains(count)) app.get(`/${host}/`, (c) => c.text(text))
  },
}

/** Hono's guide on routing by host: the host is made the first segment of the path. */
const settings = {
  domains: {
    getPath: (request) => `/${request.headers.get('host')}${request.url.replace(/^https?:\/\/[^/]+([^?]*).*/, '$1')}`,
  },
}

export async function listen(handlers, size) {
  const app = new Hono(settings[handlers])
  await scenarios[handlers](app, size)
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  return server.address().port
}
