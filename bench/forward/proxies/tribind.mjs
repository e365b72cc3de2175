// tribind as it ships.

import { Server } from '../../../dist/index.js'
import { forward } from '../../../dist/forward.js'

export async function listen(nodePort) {
  const server = new Server({ port: 0 })
  server.bindHandler('/*path', forward(`http://127.0.0.1:${nodePort}`))
  await server.start()
  return server.port
}
