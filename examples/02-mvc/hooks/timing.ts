import { getServer, type Request } from 'tribind'

const server = getServer('mvc')
// Keyed by the request, so an entry is gone as soon as its request is.
const starts = new WeakMap<Request, number>()

server.bindHookHandlerByMap('/*', {
  BeforeServe: (request) => {
    starts.set(request, performance.now())
  },
  // The last event before the headers are packed.
  BeforePatch: (request) => {
    const duration = performance.now() - (starts.get(request) ?? NaN)
    request.response.setHeader('Server-Timing', `total;dur=${duration.toFixed(1)}`)
  },
})
