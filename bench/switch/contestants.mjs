// A server with routes that never change, and routes that are replaced: each contestant starts one, and switches it.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { answerOf, SHOP_ROUTES, TAKEN } from './contract.mjs'

const tls = (name) => readFileSync(new URL(`../../test/tls/${name}`, import.meta.url))

/** Each returns `{ port, switchTo(version, isValid), close() }`; `switchTo` rejects where the switch is refused. */
export const contestants = {
  'tribind-http1': (routes) => startTribind(routes, {}),
  'tribind-http2': (routes) =>
    startTribind(routes, { https: { key: tls('key.pem'), cert: tls('cert.pem') }, http2: true }),
  'fastify-restartable': startFastify,
  'express-router': startExpress,
}

const shopPaths = Array.from({ length: SHOP_ROUTES }, (_, i) => `/shop/${i}`)
const codePaths = (count) => Array.from({ length: count }, (_, i) => `/code/${i}`)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

async function startTribind(count, options) {
  const { Server } = await import('../../dist/index.js')
  const server = new Server({ address: '127.0.0.1:0', logger: quiet, ...options })
  for (const path of codePaths(count)) server.get(path, () => answerOf(0, 0, path))
  await server.start()
  const layer = server.layer('shop')
  return {
    port: server.port,
    server,
    close: () => server.stop(),
    switchTo: (version, isValid) =>
      layer.replace((routes) => {
        routes.bindHookHandler('/shop/*', 'BeforeServe', (request) => request.context.set('first', version))
        for (const path of shopPaths) routes.get(path, ({ context }) => answerOf(context.get('first'), version, path))
        if (!isValid) routes.get(TAKEN, () => '')
      }),
  }
}

async function startFastify(count) {
  const { restartable } = await import('@fastify/restartable')
  let wanted = { version: 0, isValid: true }
  const app = await restartable(async (fastify) => {
    const { version, isValid } = wanted
    const made = fastify()
    made.addHook('onRequest', async (request) => {
      request.first = version
    })
    for (const path of codePaths(count)) made.get(path, () => answerOf(0, 0, path))
    for (const path of shopPaths) made.get(path, ({ first }) => answerOf(first, version, path))
    if (!isValid) made.get(TAKEN, () => '')
    return made
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    port: app.server.address().port,
    close: () => app.close(),
    async switchTo(version, isValid) {
      wanted = { version, isValid }
      await app.restart()
    },
  }
}

async function startExpress(count) {
  const { default: express } = await import('express')
  const app = express()
  let shop = express.Router()
  app.use((request, response, next) => shop(request, response, next))
  for (const path of codePaths(count)) app.get(path, (_request, response) => response.send(answerOf(0, 0, path)))
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: server.address().port,
    close: () => new Promise((resolve) => server.close(resolve)),
    async switchTo(version, isValid) {
      const next = express.Router()
      next.use((request, _response, proceed) => {
        request.first = version
        proceed()
      })
      for (const path of shopPaths)
        next.get(path, (request, response) => response.send(answerOf(request.first, version, path)))
      // Express knows no route that is bound twice; that of a pattern that can't be read is an error.
      if (!isValid) next.get('/:', () => {})
      shop = next
    },
  }
}
