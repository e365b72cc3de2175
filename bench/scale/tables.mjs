// The tables of routes in comparison. Each binds routes, starts to serve, and serves a request.

import { RequestStandIn, ResponseStandIn } from '../micro/stand-ins.mjs'

/** `{ bind, start, serve }` of each: `serve` answers a request by its URL, and returns what was sent. */
export const tables = {
  async 'find-my-way'() {
    const { default: findMyWay } = await import('find-my-way')
    const router = findMyWay()
    return {
      bind: (path, handler) =>
        router.on('GET', path, (_request, response, params) => response.end(handler({ params }))),
      start: () => {},
      serve: (url) => answer(url, (request, response) => router.lookup(request, response)),
    }
  },

  async fastify() {
    const { default: fastify } = await import('fastify')
    const app = fastify({ exposeHeadRoutes: false })
    return {
      bind: (path, handler) => app.get(path, handler),
      start: () => app.ready(),
      serve: undefined,
    }
  },

  async tribind() {
    const { createLogger, Server } = await import('../../dist/index.js')
    const server = new Server({ logger: createLogger({ level: 'warn' }), address: '127.0.0.1:0' })
    return {
      bind: (path, handler, domain) => (domain === undefined ? server : server.domain(domain)).get(path, handler),
      start: () => server.start(),
      serve: (url, host) => answer(url, (request, response) => server.handle(request, response), host),
    }
  },
}

function answer(url, serve, host) {
  const request = new RequestStandIn('GET', url)
  if (host !== undefined) {
    request.headers = { ...request.headers, host }
    request.rawHeaders = ['Host', host, ...request.rawHeaders.slice(2)]
  }
  const response = new ResponseStandIn(request)
  serve(request, response)
  return response.body
}
