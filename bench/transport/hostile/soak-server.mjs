// The application of bench/soak on the transport; tells its parent the port, then its state at each message.

import { createApp } from '../../soak/app.mjs'
import { limits } from '../../soak/contract.mjs'
import { createLightServer } from '../light-on-node.mjs'
import { LlhttpParser } from '../llhttp-parser.mjs'
import { Transport } from '../transport.mjs'

const nowhere = 'http://127.0.0.1:9/'
const { servers, counts } = createApp({ steady: nowhere, flaky: nowhere })
const { plain } = servers
process.on('unhandledRejection', (error) => counts.failures.push(`unhandled rejection: ${error?.stack}`))
const transport =
  process.argv[2] === 'light'
    ? createLight()
    : new Transport(plain.handle, {
        ...limits,
        // Of bodies and fields, tribind has limits of its own.
        maxBodyBytes: 64 * 1024 * 1024,
        checkingInterval: limits.connectionsCheckingInterval,
        upgrade: plain.handleUpgrade,
        ...(process.argv[2] === 'llhttp' && { Parser: LlhttpParser }),
      })
process.on('message', async (question) => {
  if (question === 'stop') process.send({ cut: await transport.close(5_000) }, () => process.exit())
  else process.send(await readState())
})
process.on('disconnect', () => process.exit())
process.send(await transport.listen())

/** A server of node:http with light classes, behind the interface of the transport. */
function createLight() {
  const server = createLightServer(plain.handle)
  const { maxRequestsPerSocket, timeout, keepAliveTimeout, headersTimeout, requestTimeout } = limits
  Object.assign(server, { maxRequestsPerSocket, timeout, keepAliveTimeout, headersTimeout, requestTimeout })
  server.on('upgrade', plain.handleUpgrade)
  return {
    listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
    close: () => new Promise((resolve) => server.close(() => resolve(0))),
  }
}

async function readState() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, rss } = process.memoryUsage()
  const { failures, BeforeServe, AfterClose, sources } = counts
  const kinds = process.getActiveResourcesInfo()
  const connections = kinds.filter((kind) => kind === 'TCPSocketWrap').length
  return { connections, BeforeServe, AfterClose, sources, heapUsed, rss, failures: failures.splice(0) }
}
