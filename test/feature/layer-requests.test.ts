import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type http2 from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect } from 'chai'
import { type LayerRoutes, Server } from 'tribind'
import { accesses } from './accesses.ts'
import { sendStream } from './clients.ts'
import { bothWays, collectingLogger, gate, openRaw, overSocket, portOf, until } from './both-ways.ts'
import { closeAll, create as createHttp2, open as openHttp2 } from './http2-world.ts'
import { askKeepingAlive } from './keep-alive.ts'

const started: Server[] = []

async function start(options: ConstructorParameters<typeof Server>[0] = {}): Promise<Server> {
  const server = new Server({ port: 0, logger: collectingLogger(), stopTimeout: 500, ...options })
  started.push(server)
  await server.start()
  return server
}

/** Puts a version of the layer `x` that answers `/x` with its name. */
const put = (server: Server, name: string, more: (routes: LayerRoutes) => unknown = () => {}) =>
  server.layer('x').replace((routes) => {
    routes.get('/x', () => name)
    more(routes)
  })

const head = (url: string) => `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`
const countAnswers = (text: string) => text.split('HTTP/1.1 200').length - 1

describe('layers: a request in the midst of a switch', () => {
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.stop()))
    await closeAll()
  })

  bothWays(
    'sees one version from its first hook to AfterClose',
    () => {},
    async (send, _world, { server, log }) => {
      const [entered, go] = [gate(), gate()]
      const seen: string[] = []
      const hooks = (routes: LayerRoutes, name: string) => {
        for (const event of ['BeforeServe', 'AfterServe', 'BeforeOutput', 'BeforeClose', 'AfterClose'] as const)
          routes.bindHookHandler('/*', event, () => seen.push(`${event} ${name}`))
        routes.bindStatusHandler(404, (request) => request.response.setBuffer(`no such page of ${name}`))
        routes.use(async (_request, next) => {
          await next()
          seen.push(`middleware ${name}`)
        })
      }
      await server.layer('hooks').replace((routes) => hooks(routes, 'old'))
      await server.layer('routes').replace((routes) =>
        routes.get('/slow', async (request) => {
          entered.open()
          await go.opened
          request.response.writeStatus(404)
        }),
      )
      const answer = send('/slow')
      await entered.opened
      await server.layer('hooks').replace((routes) => hooks(routes, 'new'))
      await server.layer('routes').remove()
      go.open()
      expect((await answer).text).to.equal('no such page of old')
      await until(() => seen.includes('AfterClose old'), 'its close events have run')
      expect(seen).to.deep.equal(
        ['BeforeServe', 'middleware', 'AfterServe', 'BeforeOutput', 'BeforeClose', 'AfterClose'].map(
          (at) => `${at} old`,
        ),
      )
      expect((await send('/slow')).text).to.equal('no such page of new')
      const records = await accesses(log, 2)
      expect(records.map(({ version }) => version)).to.deep.equal([3, 5])
    },
    { accessLog: true },
  )

  it('takes the version of its dispatch over a kept connection', async () => {
    const server = await start()
    await put(server, 'old')
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async () => {
      const request = http.get({ agent, port: portOf(server), host: '127.0.0.1', path: '/x' })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      return `${(await buffer(response)).toString()} ${request.reusedSocket}`
    }
    expect(await ask()).to.equal('old false')
    await put(server, 'new')
    expect(await ask()).to.equal('new true')
    agent.destroy()
  })

  it('takes the version of its dispatch in a pipeline, and answers stay in their order', async () => {
    const server = await start()
    const [entered, go] = [gate(), gate()]
    await put(server, 'old', (routes) =>
      routes.get('/slow', async () => {
        entered.open()
        await go.opened
        return 'slow'
      }),
    )
    const { socket, received } = await openRaw(portOf(server), head('/slow') + head('/x'))
    await entered.opened
    await put(server, 'new')
    socket.write(head('/x'))
    const { port } = server
    const [other] = await askKeepingAlive(port, [{ url: '/x' }])
    expect(other?.body.toString()).to.equal('new')
    go.open()
    await until(() => countAnswers(received()) === 3, 'all are answered')
    expect(
      received()
        .match(/\r\n\r\n(\w+?)(?=HTTP|$)/g)
        ?.map((body) => body.trim()),
    ).to.deep.equal(['slow', 'old', 'new'])
    socket.destroy()
  })

  it('is served by the version before while the next one is indexed, in slices', async () => {
    const server = await start()
    await put(server, 'old')
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const built = gate()
    const progress = { isReplaced: false }
    const replaced = put(server, 'new', (routes) => {
      for (let i = 0; i < 5000; i++) routes.get(`/many/${i}/:id`, () => '')
      built.open()
    }).then(() => (progress.isReplaced = true))
    await built.opened
    const bodies: string[] = []
    while (!progress.isReplaced) {
      const request = http.get({ agent, port: portOf(server), host: '127.0.0.1', path: '/x' })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      const body = (await buffer(response)).toString()
      if (!progress.isReplaced) bodies.push(body)
    }
    await replaced
    agent.destroy()
    expect(bodies.length, 'requests that were answered meanwhile').to.be.at.least(2)
    expect(new Set(bodies)).to.deep.equal(new Set(['old']))
  })

  it('reads an upload that began before, to its end', async () => {
    const server = await start()
    const entered = gate()
    await put(server, 'old', (routes) =>
      routes.post('/upload', async (request) => {
        entered.open()
        return `old ${(await request.bytes()).length}`
      }),
    )
    const request = http.request({ port: portOf(server), host: '127.0.0.1', method: 'POST', path: '/upload' })
    request.write(Buffer.alloc(1000))
    await entered.opened
    await put(server, 'new')
    request.end(Buffer.alloc(500))
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    expect((await buffer(response)).toString()).to.equal('old 1500')
  })

  it('asks for a body that was announced with 100-continue, and serves it by the version that said so', async () => {
    const server = await start()
    const [entered, go] = [gate(), gate()]
    await put(server, 'old', (routes) =>
      routes.post('/upload', async (request) => {
        entered.open()
        await go.opened
        return `old ${await request.text()}`
      }),
    )
    const text =
      'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n'
    const { socket, received } = await openRaw(portOf(server), text)
    await entered.opened
    await server.layer('x').remove()
    go.open()
    await until(() => received().includes('100 Continue'), 'the body is asked for')
    socket.write('body')
    await until(() => received().endsWith('old body'), 'it is answered')
    socket.destroy()
  })

  overSocket(
    'streams a download that began before, to its end',
    () => {},
    async (send, _world, { server }) => {
      const [begun, go] = [gate(), gate()]
      const size = 3_000_000
      await put(server, 'old', (routes) =>
        routes.get('/download', async function* () {
          yield Buffer.alloc(size)
          begun.open()
          await go.opened
          yield Buffer.from('end')
        }),
      )
      const answer = send('/download')
      await begun.opened
      await put(server, 'new')
      go.open()
      const { text } = await answer
      expect([text.length, text.endsWith('end')]).to.deep.equal([size + 3, true])
      expect((await send('/download')).status).to.equal(404)
    },
  )

  it('goes on over an HTTP/2 stream opened before, while the same session gets the new version', async () => {
    const server = createHttp2(() => {})
    const session = await openHttp2(server)
    const [entered, go] = [gate(), gate()]
    await put(server, 'old', (routes) =>
      routes.get('/slow', async () => {
        entered.open()
        await go.opened
        return 'slow'
      }),
    )
    const slow = sendStream(session, '/slow')
    await entered.opened
    await put(server, 'new')
    expect((await sendStream(session, '/x')).text).to.equal('new')
    expect((await sendStream(session, '/slow')).status).to.equal(404)
    go.open()
    expect((await slow).text).to.equal('slow')
    expect((session as http2.Http2Session).closed).to.equal(false)
  })

  it('is sent a static file whose folder is taken away meanwhile', async () => {
    const server = await start()
    const folder = await mkdtemp(join(tmpdir(), 'tribind-layer-'))
    try {
      await writeFile(join(folder, 'big.bin'), Buffer.alloc(8_000_000, 'x'))
      await server.layer('files').replace((routes) => routes.serveStatic('/files', folder))
      const response = await fetch(`http://127.0.0.1:${portOf(server)}/files/big.bin`)
      await server.layer('files').remove()
      await rm(join(folder, 'big.bin'))
      expect((await response.arrayBuffer()).byteLength).to.equal(8_000_000)
      expect((await fetch(`http://127.0.0.1:${portOf(server)}/files/big.bin`)).status).to.equal(404)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
