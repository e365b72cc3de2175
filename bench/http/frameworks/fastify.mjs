import { fastify } from 'fastify'
import {
  GreetingController,
  createDomains,
  createMessage,
  createPage,
  createRouteTable,
  describePassed,
  describePost,
  fileFolder,
  greeting,
  middlewareCount,
  sessionSecret,
  userName,
  viewFolder,
} from '../content.mjs'
import { hookMark, readHookMark } from '../hook-mark.mjs'

const scenarios = {
  hello: (app) => app.get('/', () => greeting),

  error: (app) =>
    app.get('/conflict', () => {
      throw Object.assign(new Error('Conflict'), { statusCode: 409 })
    }),

  json: (app) => app.get('/json', () => createMessage()),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (request) => describePost(request.params.id, request.params.postId)),

  routes: (app, count) => {
    for (const { route, answer } of createRouteTable(count)) app.get(route, (request) => answer(request.params.id))
  },

  echo: (app) => app.post('/echo', (request, reply) => reply.send(request.body)),

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

  middleware: (app) => {
    app.decorateRequest('passed', 0)
    for (let step = 0; step < middlewareCount; step += 1) {
      app.addHook('onRequest', (request, reply, done) => {
        request.passed += 1
        done()
      })
    }
    app.get('/middleware', (request) => describePassed(request.passed))
  },

  async session(app) {
    const [cookie, session] = await Promise.all([import('@fastify/cookie'), import('@fastify/session')])
    await app.register(cookie.default)
    await app.register(session.default, {
      secret: sessionSecret,
      saveUninitialized: false,
      rolling: false,
      cookie: { secure: false },
    })
    app.get('/login', (request) => {
      request.session.user = userName
      return 'welcome'
    })
    app.get('/session', (request) => request.session.user)
  },

  async view(app) {
    const [{ default: view }, { Eta }, { fileURLToPath }] = await Promise.all([
      import('@fastify/view'),
      import('eta'),
      import('node:url'),
    ])
    const root = fileURLToPath(viewFolder)
    await app.register(view, {
      engine: { eta: new Eta({ views: root, cache: true }) },
      root,
      viewExt: 'eta',
      production: true,
    })
    app.get('/page', (request, reply) => reply.view('page', createPage()))
  },

  async file(app) {
    const [{ default: files }, { fileURLToPath }] = await Promise.all([import('@fastify/static'), import('node:url')])
    await app.register(files, { root: fileURLToPath(fileFolder) })
  },

  domains: (app, count) => {
    for (const { host, text } of createDomains(count)) app.get('/', { constraints: { host } }, () => text)
  },
}

export async function listen(handlers, size) {
  const app = fastify()
  await scenarios[handlers](app, size)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}
