// tribind before several nodes; it kills one of them where it is told, and says how many requests were under way there.

import { Server } from '../../../dist/index.js'
import { forward } from '../../../dist/forward.js'

const retries = { none: { attempts: 1 }, reset: { attempts: 1, on: ['connect', 'reset'] } }
const handlers = {}

export async function listen(...ports) {
  const server = new Server({ port: 0, logger: { debug() {}, info() {}, warn() {}, error() {} } })
  const nodes = ports.map((port) => `http://127.0.0.1:${port}`)
  for (const [name, retry] of Object.entries(retries)) {
    handlers[name] = forward({ nodes, retry })
    server.bindHandler(`/${name}/*path`, handlers[name])
  }
  await server.start()
  return server.port
}

/** In one piece, so that the figure is exact. */
export function kill({ retry, pid }) {
  const [first] = handlers[retry].nodes()
  process.kill(pid, 'SIGKILL')
  return first.activeRequests
}
