// tribind's tcpForward as the handler of an entry point.

import { Server } from '../../../dist/index.js'
import { tcpForward } from '../../../dist/forward.js'

export async function listen(nodePort) {
  const handler = tcpForward({ nodes: [`127.0.0.1:${nodePort}`] })
  const server = new Server({ entryPoints: { tcp: { address: '127.0.0.1:0', handler } } })
  await server.start()
  return server.port
}
