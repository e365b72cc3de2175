import { Controller, HttpError, Server } from '../../../dist/index.js'
import {
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

class GreetingController extends Controller {
  #used = false

  index() {
    if (this.#used) throw new Error('This controller served a request before')
    this.#used = true
    return this.request === undefined ? 'Hello, nobody!' : greeting
  }
}

const scenarios = {
  hello: (server) => server.bindHandler('GET:/', () => greeting),

  error: (server) =>
    server.bindHandler('GET:/conflict', () => {
      throw new HttpError(409, 'Conflict')
    }),

  json: (server) => server.bindHandler('GET:/json', () => createMessage()),

  params: (server) =>
    server.bindHandler('GET:/users/:id/posts/:postId', (request) =>
      describePost(request.params.id, request.params.postId),
    ),

  routes: (server, count) => {
    for (const { route, answer } of createRouteTable(count)) {
      server.bindHandler(`GET:${route}`, (request) => answer(request.params.id))
    }
  },

  echo: (server) => server.bindHandler('POST:/echo', (request) => request.json()),

  controller: (server) => {
    server.bindHookHandler('/*', 'BeforeServe', (request) => request.context.set('mark', hookMark))
    server.bindHookHandler('/*', 'AfterServe', (request) => readHookMark(request.context.get('mark')))
    server.bindController('GET:/controller', GreetingController)
  },

  middleware: (server) => {
    for (let step = 0; step < middlewareCount; step += 1) {
      server.use((request, next) => {
        request.context.set('passed', (request.context.get('passed') ?? 0) + 1)
        return next()
      })
    }
    server.bindHandler('GET:/middleware', (request) => describePassed(request.context.get('passed')))
  },

  session: (server) => {
    server.bindHandler('GET:/login', (request) => {
      request.session.set('user', userName)
      return 'welcome'
    })
    server.bindHandler('GET:/session', (request) => request.session.get('user'))
  },

  view: (server) => server.bindHandler('GET:/page', (request) => request.response.writeTpl('page', createPage())),

  file: (server) => server.serveStatic('/', fileFolder),

  domains: (server, count) => {
    for (const { host, text } of createDomains(count)) server.domain(host).bindHandler('GET:/', () => text)
  },
}

/** What must be switched on for a scenario; all else is as shipped. */
const settings = {
  session: { session: { secret: sessionSecret } },
  view: { view: { root: viewFolder } },
}

const address = '127.0.0.1:0'

/** Entry points to compare with each other; see statistics.mjs. */
const variants = {
  plain: { entryPoints: { web: address } },
  stats: { entryPoints: { web: { address, enableStats: true } } },
}

export async function listen(handlers, size, variant) {
  const place = variants[variant] ?? { port: 0, address: '127.0.0.1' }
  const server = new Server({ ...place, ...settings[handlers] })
  scenarios[handlers](server, size)
  await server.start()
  return server.port
}
