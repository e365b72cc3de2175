// One of the servers of Node.js: `node bench/static/serve.mjs sirv FOLDER` prints its port.

import { createServer } from 'node:http'

const [name, folder] = process.argv.slice(2)

const starts = {
  tribind: () => startTribind('../../dist/index.js'),
  /** Another build, to compare with: a copy of `dist` in this folder. */
  before: () => startTribind('./node_modules/before/dist/index.js'),
  async fastify() {
    const [{ fastify }, { default: files }] = await Promise.all([import('fastify'), import('@fastify/static')])
    const app = fastify()
    await app.register(files, { root: folder })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server.address().port
  },
  async 'serve-static'() {
    const { default: serveStatic } = await import('serve-static')
    return listen(serveStatic(folder))
  },
  /** It reads what is in the folder once, at the start. */
  async sirv() {
    const { default: sirv } = await import('sirv')
    return listen(sirv(folder, { etag: true }))
  },
}

async function startTribind(build) {
  const { Server } = await import(build)
  const quiet = { debug() {}, info() {}, warn: console.error, error: console.error }
  const server = new Server({ port: 0, logger: quiet })
  server.serveStatic('/', folder)
  await server.start()
  return server.port
}

async function listen(middleware) {
  const server = createServer((request, response) => middleware(request, response, () => response.writeHead(404).end()))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server.address().port
}

console.log(await starts[name]())
