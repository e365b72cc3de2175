import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import express from 'express'
import {
  GreetingController,
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
  hello: (app) => app.get('/', (request, response) => sendText(response, greeting)),

  json: (app) => app.get('/json', (request, response) => response.json(createMessage())),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (request, response) =>
      sendText(response, describePost(request.params.id, request.params.postId)),
    ),

  routes: (app, count) => {
    for (const { route, answer } of createRouteTable(count)) {
      app.get(route, (request, response) => sendText(response, answer(request.params.id)))
    }
  },

  echo: (app) => {
    app.use(express.json())
    app.post('/echo', (request, response) => response.json(request.body))
  },

  controller: (app) => {
    app.use((request, response, next) => {
      request.mark = hookMark
      next()
    })
    app.use((request, response, next) => {
      response.once('finish', () => readHookMark(request.mark))
      next()
    })
    app.get('/controller', (request, response) => sendText(response, new GreetingController(request).show()))
  },

  middleware: (app) => {
    for (let step = 0; step < middlewareCount; step += 1) {
      app.use((request, response, next) => {
        request.passed = (request.passed ?? 0) + 1
        next()
      })
    }
    app.get('/middleware', (request, response) => sendText(response, describePassed(request.passed)))
  },

  async session(app) {
    const { default: session } = await import('express-session')
    app.use(session({ secret: sessionSecret, resave: false, saveUninitialized: false }))
    app.get('/login', (request, response) => {
      request.session.user = userName
      sendText(response, 'welcome')
    })
    app.get('/session', (request, response) => sendText(response, request.session.user))
  },

  async view(app) {
    const { createEta } = await import('../create-eta.mjs')
    const eta = createEta()
    app.engine('eta', (file, data, done) => done(undefined, eta.render('page', data)))
    app.set('views', fileURLToPath(viewFolder))
    app.set('view engine', 'eta')
    app.get('/page', (request, response) => response.render('page', createPage()))
  },

  file: (app) => app.use(express.static(fileURLToPath(fileFolder))),
}

function sendText(response, text) {
  response.type('text/plain').send(text)
}

export async function listen(handlers, size) {
  const app = express()
  await scenarios[handlers](app, size)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}
