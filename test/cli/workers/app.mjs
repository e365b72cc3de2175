// An application for test/cli/workers.test.ts: how it starts and what it has is said by variables.
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { rateLimit, Server } from 'tribind'
import { memoryProvider } from 'tribind/providers'

const { BROKEN_FILE, TLS, SOCKET, ADMIN, TOKEN, READY_TIMEOUT } = process.env
if (BROKEN_FILE !== undefined && existsSync(BROKEN_FILE)) throw new Error('the application is broken')

const memory = memoryProvider('memory', { routes: { first: { pattern: '/configured', service: { text: 'first' } } } })
const https = {
  key: readFileSync(new URL('../../tls/key.pem', import.meta.url)),
  cert: readFileSync(new URL('../../tls/cert.pem', import.meta.url)),
}

export const server = new Server({
  entryPoints: {
    web: '127.0.0.1:0',
    ...(TLS !== undefined && { tls: { address: '127.0.0.1:0', https, http2: true } }),
    ...(SOCKET !== undefined && { local: `unix:${SOCKET}` }),
  },
  configuration: {
    providers: [memory],
    throttle: 0,
    ...(READY_TIMEOUT !== undefined && { readyTimeout: READY_TIMEOUT }),
  },
  session: { secret: 'a secret of the tests only' },
  stopTimeout: '10s',
  ...(ADMIN !== undefined && { admin: { address: ADMIN, ...(TOKEN !== undefined && { token: TOKEN }) } }),
})

server.use(rateLimit({ average: 1_000_000 }))
server.bindHandler('/', () => ({ pid: process.pid, scope: server.scope, version: server.version }))
server.bindHandler('/slow', async () => {
  await setTimeout(20)
  return String(process.pid)
})
server.bindHandler('/very-slow', async () => {
  await setTimeout(1000)
  return 'answered'
})
server.bindHandler('/exit', () => process.exit(7))
// Asleep, since there is nothing to compute.
server.bindHandler('/hang', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
server.bindWebSocket('/socket', (socket) => void socket.on('message', (message) => socket.send(message)))

/** Answers with what a call came to, or why it failed. */
const attempt = (run) => async (request) => {
  try {
    return { came: (await run(request)) ?? null }
  } catch (error) {
    return { name: error.name, failure: error.failure, message: error.message }
  }
}
const bodyOf = async (request) => JSON.parse(await request.text())
server.bindHandler(
  'POST:/open',
  attempt(async (request) => server.openEntryPoint('more', await bodyOf(request))),
)
server.bindHandler(
  'POST:/replace',
  attempt(async (request) => server.replaceEntryPoint('more', await bodyOf(request))),
)
server.bindHandler(
  'POST:/close',
  attempt(() => server.closeEntryPoint('more', 1000)),
)
server.bindHandler('/more', () => server.entryPoint('more').addresses)
server.bindHandler(
  'POST:/open-function',
  attempt(() => server.openEntryPoint('functions', { handler: () => 'no' })),
)

server.layer('shop').define((routes, data) => {
  if (data.breaksIn === 'all' || data.breaksIn === server.scope?.worker) throw new TypeError(`broken: ${data.name}`)
  routes.bindHandler('/shop', () => ({ ...data, version: server.version, worker: server.scope?.worker }))
})
const rebuild = async (request) => (await server.layer('shop').rebuild(await bodyOf(request))).version
server.bindHandler('POST:/rebuild', attempt(rebuild))
server.bindHandler(
  'POST:/replace-layer',
  attempt(() => server.layer('shop').replace(() => {})),
)
server.bindHandler(
  'POST:/configure',
  attempt(async (request) => memory.set(await bodyOf(request))),
)
server.bindHandler(
  'POST:/rollback',
  attempt(async (request) => server.configuration.rollback(await bodyOf(request))),
)
server.bindHandler('/history', () => ({ pid: process.pid, history: server.configuration.history() }))
