// tribind before several nodes; it kills one of them where it is told.

import { Server } from '../../../dist/index.js'
import { forward } from '../../../dist/forward.js'

const retries = { none: { attempts: 1 }, reset: { attempts: 1, on: ['connect', 'reset'] } }
const handlers = {}
/** Called when a node has failed. */
let noticed = () => {}

export async function listen(...ports) {
  const logger = { debug() {}, info() {}, warn: () => noticed(), error() {} }
  const server = new Server({ port: 0, logger })
  const nodes = ports.map((port) => `http://127.0.0.1:${port}`)
  for (const [name, retry] of Object.entries(retries)) {
    handlers[name] = forward({ nodes, retry })
    server.bindHandler(`/${name}/*path`, handlers[name])
  }
  await server.start()
  return server.port
}

/** Kills the first node. Resolves to how many requests were under way there when that was noticed. */
export function kill({ retry, pid }) {
  process.kill(pid, 'SIGKILL')
  return new Promise((resolve) => {
    noticed = () => resolve(handlers[retry].nodes()[0].activeRequests)
  })
}
