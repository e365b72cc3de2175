// The requests whose way through the pipeline is measured, and the server that serves each.

import { Controller, createLogger, Server } from '../../dist/index.js'

class GreetingController extends Controller {
  index() {
    return this.request.method === 'GET' ? 'Hello, World!' : 'Hello?'
  }
}

/** Each with what binds its route, the path that is asked for and the answer it must get. */
export const pipelineScenarios = {
  hello: {
    bind: (server) => server.bindHandler('GET:/', () => 'Hello, World!'),
    url: '/',
    body: 'Hello, World!',
  },
  json: {
    bind: (server) => server.bindHandler('GET:/json', () => ({ message: 'Hello, World!', count: 3, ok: true })),
    url: '/json',
    body: '{"message":"Hello, World!","count":3,"ok":true}',
  },
  params: {
    bind: (server) =>
      server.bindHandler('GET:/users/:id/posts/:postId', ({ params }) => `post ${params.postId} of user ${params.id}`),
    url: '/users/42/posts/7',
    body: 'post 7 of user 42',
  },
  controller: {
    bind: (server) => {
      server.bindHookHandler('/*', 'BeforeServe', (request) => request.setParam('mark', 1))
      server.bindHookHandler('/*', 'AfterServe', (request) => request.response.setHeader('X-Mark', request.get('mark')))
      server.bindController('GET:/controller', GreetingController)
    },
    url: '/controller',
    body: 'Hello, World!',
  },
  missing: {
    bind: (server) => server.bindHandler('GET:/', () => 'Hello, World!'),
    url: '/nothing/here',
    status: 404,
    body: 'Not Found',
  },
  middleware: {
    bind: (server) => {
      for (let i = 0; i < 5; i++) server.use((_request, next) => next())
      server.bindHandler('GET:/', () => 'Hello, World!')
    },
    url: '/',
    body: 'Hello, World!',
  },
}

export function createServer({ bind }) {
  // Where it listens is of no interest among the figures.
  const server = new Server({ logger: createLogger({ level: 'warn' }) })
  bind(server)
  return server
}
