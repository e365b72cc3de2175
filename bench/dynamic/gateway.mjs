// A gateway of tribind: node gateway.mjs PORT FILE. It tells what its heap holds where that can be told (--expose-gc).

import { Server } from 'tribind'
import { fileProvider } from 'tribind/providers'

const [, , port, file] = process.argv
const logger = { debug() {}, info() {}, warn: console.error, error: console.error }
const configuration = { providers: [fileProvider(file)], throttle: 0 }
const server = new Server({ address: `127.0.0.1:${port}`, logger, configuration })
await server.start()
if (globalThis.gc !== undefined) {
  globalThis.gc()
  await new Promise((resolve) => setTimeout(resolve, 200))
  globalThis.gc()
  process.send({ heap: process.memoryUsage().heapUsed })
}
