// The application under load: each kind of service that holds something for a request.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Controller, Server } from 'tribind'
import { handshakeTimeout, limits, page } from './contract.mjs'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

const readTls = (name) => readFileSync(new URL(`../../test/tls/${name}.pem`, import.meta.url), 'utf8')
const secure = { https: { key: readTls('key'), cert: readTls('cert'), handshakeTimeout }, http2: true }

class Shown extends Controller {
  async show() {
    await sleep(Math.random() * 5)
    return this.request.get('token')
  }
}

/** Returns the servers, without and with TLS, the folder for their uploads, and the counts of their events. */
export function createApp() {
  const counts = { BeforeServe: 0, BeforeClose: 0, AfterClose: 0, sources: 0, failures: [] }
  const folder = mkdtempSync(join(tmpdir(), 'soak-'))
  const uploads = mkdtempSync(join(folder, 'uploads-'))
  writeFileSync(join(folder, 'page.txt'), page)
  const logger = { ...quiet, error: (message, fields) => counts.failures.push(`${message}: ${fields?.error?.stack}`) }
  const createServer = (options) => {
    const server = new Server({
      ...limits,
      ...options,
      port: 0,
      upload: { dir: uploads },
      session: { secret: 'soak' },
      logger,
    })
    bindHandlers(server, counts)
    server.serveStatic('/static', folder)
    bindCounts(server, counts)
    return server
  }
  const servers = { plain: createServer({}), secure: createServer(secure) }
  return { servers, folder, uploads, counts }
}

function bindHandlers(server, counts) {
  server.get('/text/:token', ({ params }) => params.token)
  server.get('/slow/:token', async ({ params }) => {
    await sleep(Math.random() * 20)
    return params.token
  })
  server.post('/json', (request) => request.json())
  server.post('/body', async (request) => (await request.bytes()).length)
  server.post('/upload/:token', async (request) => {
    const file = await request.file('file')
    return { token: request.params.token, size: file?.size, field: (await request.form()).field }
  })
  server.get('/stream/:token', ({ params, query }) => repeat(counts, `${params.token}\n`, Number(query.parts)))
  server.get('/flood', () => repeat(counts, 'x'.repeat(64 * 1024), Infinity))
  server.get('/events/:token', async ({ response, params, signal }) => {
    const events = response.sse()
    while (!signal.aborted) {
      await events.send({ data: params.token })
      await sleep(5)
    }
  })
  server.post('/session/:token', async ({ session, params }) => {
    const before = session.get('token') ?? null
    session.set('token', params.token)
    return { before }
  })
  server.bindController('/controller', Shown)
  server.bindWebSocket('/socket', (socket) => socket.on('message', (data) => socket.send(data)))
}

async function* repeat(counts, text, times) {
  counts.sources++
  try {
    for (let i = 0; i < times; i++) {
      yield text
      if (i % 4 === 0) await sleep(1)
    }
  } finally {
    counts.sources--
  }
}

function bindCounts(server, counts) {
  server.bindHookHandler('/*', 'BeforeServe', () => void counts.BeforeServe++)
  for (const event of ['BeforeClose', 'AfterClose']) {
    server.bindHookHandler('/*', event, async () => {
      await sleep(Math.random() * 3)
      counts[event]++
    })
  }
}
