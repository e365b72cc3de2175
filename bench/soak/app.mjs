// The application under load: each kind of service that holds something for a request.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Controller, Server } from 'tribind'
import { createChanges } from './changes.mjs'
import { handshakeTimeout, limits, page } from './contract.mjs'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

const readTls = (name) => readFileSync(new URL(`../../test/tls/${name}.pem`, import.meta.url), 'utf8')
const secure = { https: { key: readTls('key'), cert: readTls('cert'), handshakeTimeout }, http2: true }

const observe = (url) => ({ url, period: '1s', timeout: '1s', resetTraffic: true })
/** Of the entry points of the server that changes. */
const observed = { address: '127.0.0.1:0', enableStats: true, observer: ['steady', 'flaky'] }
const entryPoints = { web: observed, tls: { ...observed, ...secure }, door: observed }

class Shown extends Controller {
  async show() {
    await sleep(Math.random() * 5)
    return this.request.get('token')
  }
}

/**
 * Returns the servers, without and with TLS and one that changes, its changes, the folder for their uploads, and the counts of
 * their events.
 *
 * @param urls where the observers of the server that changes post their events, by name
 */
export function createApp(urls) {
  const requests = { BeforeServe: 0, BeforeClose: 0, AfterClose: 0, sources: 0 }
  const counts = {
    ...requests,
    replaced: 0,
    refused: 0,
    opened: 0,
    retirements: 0,
    pools: 0,
    open: new Set(),
    failures: [],
  }
  const folder = mkdtempSync(join(tmpdir(), 'soak-'))
  const uploads = mkdtempSync(join(folder, 'uploads-'))
  writeFileSync(join(folder, 'page.txt'), page)
  const logger = { ...quiet, error: (message, fields) => counts.failures.push(`${message}: ${fields?.error?.stack}`) }
  const createServer = (options) => {
    const server = new Server({
      ...limits,
      ...options,
      upload: { dir: uploads },
      session: { secret: 'soak' },
      logger,
    })
    bindHandlers(server, counts)
    server.serveStatic('/static', folder)
    bindCounts(server, counts)
    return server
  }
  const live = createServer({ entryPoints, observers: { steady: observe(urls.steady), flaky: observe(urls.flaky) } })
  live.get('/door', () => portOf(live, 'door'))
  const servers = { plain: createServer({ port: 0 }), secure: createServer({ port: 0, ...secure }), live }
  return { servers, changes: createChanges(live, entryPoints, counts), folder, uploads, counts }
}

/** Returns the port of an entry point; 0 if it is closed. */
export function portOf(server, entryPoint) {
  return Number(server.entryPoint(entryPoint).addresses[0]?.split(':').at(-1) ?? 0)
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
  server.get('/events/:token', async ({ response, params }) => {
    const events = response.sse()
    while (await events.send({ data: params.token })) await sleep(5)
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
  server.bindHookHandler('/*', 'BeforeServe', (request) => {
    counts.BeforeServe++
    counts.open.add(request)
  })
  for (const event of ['BeforeClose', 'AfterClose']) {
    server.bindHookHandler('/*', event, async (request) => {
      await sleep(Math.random() * 3)
      counts[event]++
      if (event === 'AfterClose') counts.open.delete(request)
    })
  }
}
