import { once } from 'node:events'
import express from 'express'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { GreetingController, createMessage, createRouteTable, describePost, greeting } from '../scenarios.mjs'

const scenarios = {
  hello: (app) => app.get('/', (request, response) => sendText(response, greeting)),

  json: (app) => app.get('/json', (request, response) => response.json(createMessage())),

  params: (app) =>
    app.get('/users/:id/posts/:postId', (request, response) =>
      sendText(response, describePost(request.params.id, request.params.postId)),
    ),

  table: (app) => {
    for (const { route, answer } of createRouteTable()) {
      app.get(route, (request, response) => sendText(response, answer(request.params.id)))
    }
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

  missing: (app) => scenarios.hello(app),
}

function sendText(response, text) {
  response.type('text/plain').send(text)
}

export async function listen(scenario) {
  const app = express()
  scenarios[scenario](app)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}
