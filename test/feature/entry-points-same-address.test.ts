import { once } from 'node:events'
import http from 'node:http'
import { stat } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { gate, openRaw, rejected, sendToPort, until } from './both-ways.ts'
import { ask, local, portAt, start, stopAll } from './entry-point-world.ts'
import { keepConnecting } from './keep-connecting.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { connect, upgradeHead } from './websocket-client.ts'

const hello = (server: Server) => server.get('/', () => 'hello')
const head = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** The address of an entry point, as it is bound. */
const addressOf = (server: Server, name: string) => String(server.entryPoint(name).addresses[0])

describe('replaceEntryPoint at the same address', () => {
  const folder = temporaryFolder({})

  afterEach(stopAll)

  it('refuses no client, however often', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const client = keepConnecting(portAt(server, 'web'))
    for (let i = 0; i < 20; i++) {
      const { answered } = client
      const before = answered()
      await server.replaceEntryPoint('web', addressOf(server, 'web'))
      await until(() => answered() > before + 3, 'it goes on')
    }
    expect(await client.end()).to.deep.equal([])
  })

  it('never closes a kept connection with a request under way', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const port = portAt(server, 'web')
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })
    const state = { isOver: false }
    const failures: unknown[] = []
    const get = () =>
      new Promise<void>((resolve) => {
        const request = http.get({ agent, port, host: '127.0.0.1' }, (response) => response.resume().on('end', resolve))
        request.on('error', (error) => resolve(void failures.push(error)))
      })
    const run = async () => {
      while (!state.isOver) await get()
    }
    const running = Promise.all([run(), run(), run(), run()])
    for (let i = 0; i < 5; i++) {
      await server.replaceEntryPoint('web', addressOf(server, 'web'))
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    state.isOver = true
    await running
    agent.destroy()
    expect(failures).to.deep.equal([])
  })

  it('serves a client that had connected before and sends later', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const port = portAt(server, 'web')
    const early = await openRaw(port, '')
    await ask(server, 'web')
    await server.replaceEntryPoint('web', addressOf(server, 'web'))
    // Longer than idle connections are left alone when an entry point closes.
    await new Promise((resolve) => setTimeout(resolve, 150))
    early.socket.write(head)
    await early.closed
    expect(early.received()).to.match(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*hello$/)
  })

  it('opens a WebSocket for a client that had connected before', async () => {
    const server = await start({ entryPoints: { web: local } }, (server) => {
      hello(server).bindWebSocket('/socket', (socket) => socket.close(1000))
    })
    const early = await openRaw(portAt(server, 'web'), '')
    await ask(server, 'web')
    await server.replaceEntryPoint('web', addressOf(server, 'web'))
    early.socket.write(upgradeHead('/socket'))
    await until(() => early.received() !== '', 'it is answered')
    expect(early.received()).to.match(/^HTTP\/1\.1 101 /)
    early.socket.destroy()
  })

  it('hands an upgrade over for a client that had connected before', async () => {
    const server = await start({ entryPoints: { web: local } }, (server) => {
      hello(server).bindUpgrade('/guest', (_raw, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
    })
    const early = await openRaw(portAt(server, 'web'), '')
    await ask(server, 'web')
    await server.replaceEntryPoint('web', addressOf(server, 'web'))
    early.socket.write(upgradeHead('/guest'))
    await until(() => early.received() !== '', 'it is answered')
    expect(early.received()).to.match(/^HTTP\/1\.1 101 /)
    early.socket.destroy()
  })

  it('holds new connections to the new limits', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const address = addressOf(server, 'web')
    const send = sendToPort(portAt(server, 'web'))
    const long = { url: '/', headers: { 'x-long': 'x'.repeat(4000) } }
    expect((await send(long)).status).to.equal(200)
    await server.replaceEntryPoint('web', {
      address,
      maxHeaderSize: 2000,
      headersTimeout: 50,
      connectionsCheckingInterval: 20,
    })
    expect((await send(long)).status).to.equal(431)
    const slow = await openRaw(portAt(server, 'web'), 'GET / HTTP/1.1\r\n')
    await slow.closed
    expect(slow.received()).to.match(/^HTTP\/1\.1 408 /)
    await server.replaceEntryPoint('web', { address, maxConnections: 1 })
    const held = await openRaw(portAt(server, 'web'), '')
    const refused = await openRaw(portAt(server, 'web'), '')
    await refused.closed
    held.socket.destroy()
  })

  it('leaves requests, event streams and WebSockets, however long they take', async () => {
    const [entered, go] = [gate(), gate()]
    const server = await start({ stopTimeout: 100, entryPoints: { web: local } }, (s) =>
      s
        .get('/', ({ response }) => {
          const events = response.sse()
          void events.send({ data: 'begun' })
          void go.opened.then(() => events.send({ data: 'going on' }))
        })
        .get('/slow', async () => {
          entered.open()
          await go.opened
          return 'late'
        })
        .bindWebSocket('/socket', (socket) => {
          socket.on('message', (message) => socket.send(message))
        }),
    )
    const port = portAt(server, 'web')
    const stream = await openRaw(port, head)
    const slow = sendToPort(port)('/slow')
    const { socket } = await connect(port, '/socket')
    await entered.opened
    await until(() => stream.received().includes('begun'), 'it has begun')
    await server.replaceEntryPoint('web', addressOf(server, 'web'))
    // Longer than stopTimeout.
    await new Promise((resolve) => setTimeout(resolve, 300))
    go.open()
    expect((await slow).text).to.equal('late')
    await until(() => stream.received().includes('going on'), 'it goes on')
    socket.send('still here')
    expect(String((await once(socket, 'message'))[0])).to.equal('still here')
    const closed = once(socket, 'close')
    expect(await server.closeEntryPoint('web')).to.deep.equal({ cut: 0 })
    await Promise.all([stream.closed, closed])
  })

  it('leaves a turn to all else that is due, however often', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const state = { isDue: false }
    setTimeout(() => (state.isDue = true), 20)
    for (let i = 0; i < 500 && !state.isDue; i++) await server.replaceEntryPoint('web', addressOf(server, 'web'))
    expect(state.isDue).to.equal(true)
  })

  it('cuts what is left of it when it is closed, or its server stops', async () => {
    for (const end of [(s: Server) => s.closeEntryPoint('web', 100), (s: Server) => s.stop()]) {
      const entered = gate()
      const server = await start({ stopTimeout: 100, entryPoints: { web: local } }, (s) =>
        s.get('/', () => {
          entered.open()
          return new Promise(() => {})
        }),
      )
      const port = portAt(server, 'web')
      const [never, silent] = [await openRaw(port, head), await openRaw(port, '')]
      await entered.opened
      await server.replaceEntryPoint('web', addressOf(server, 'web'))
      const ended = end(server)
      await Promise.all([never.closed, silent.closed])
      await ended
    }
  })

  it('is meant by how it was configured, too', async () => {
    const probe = await start({ port: 0 })
    const { port } = probe
    await probe.stop()
    for (const [first, ...others] of [
      [`:${port}`, `[::]:${port}`, `:${port}`],
      [`localhost:${port}`, `localhost:${port}`],
    ] as const) {
      const server = await start({ entryPoints: { web: first } }, hello)
      for (const other of others) {
        await server.replaceEntryPoint('web', other)
        expect(await ask(server, 'web')).to.equal('hello')
      }
      await server.stop()
    }
  })

  it('opens a further address and closes another', async () => {
    const server = await start({ entryPoints: { web: `${local}, ${local}` } }, hello)
    const [kept, gone] = server.entryPoint('web').addresses as [string, string]
    const client = keepConnecting(portAt(server, 'web'))
    await server.replaceEntryPoint('web', `${local}, ${kept}`)
    const [opened, second] = server.entryPoint('web').addresses
    expect(second).to.equal(kept)
    expect(opened).to.not.be.oneOf([kept, gone])
    expect([await ask(server, 'web')]).to.deep.equal(['hello'])
    expect(await client.end()).to.deep.equal([])
    expect(await rejected(sendToPort(Number(gone.split(':')[1]))('/'))).to.include({ code: 'ECONNREFUSED' })
  })

  it('keeps what baseContext returned for it', async () => {
    const called: string[] = []
    const baseContext = (address: string) => {
      called.push(address)
      return { address, call: called.length }
    }
    const server = await start({ baseContext, entryPoints: { web: local } }, (s) =>
      s.get('/', ({ context }) => `${String(context.get('address'))} ${String(context.get('call'))}`),
    )
    const address = addressOf(server, 'web')
    await server.replaceEntryPoint('web', address)
    expect(await ask(server, 'web')).to.equal(`${address} 1`)
    expect(called).to.deep.equal([address])
  })

  it('leaves nothing of what was replaced', async () => {
    const server = await start({ entryPoints: { web: local } }, hello)
    const servers = () =>
      (process as unknown as { _getActiveHandles(): unknown[] })
        ._getActiveHandles()
        .filter((handle) => handle instanceof net.Server).length
    const before = servers()
    for (let i = 0; i < 5; i++) await server.replaceEntryPoint('web', addressOf(server, 'web'))
    await ask(server, 'web')
    await until(() => servers() === before, 'the others are closed')
  })

  it('keeps the file of a Unix socket', async function () {
    if (process.platform === 'win32') this.skip()
    const path = join(folder, 'app.sock')
    const server = await start({ entryPoints: { web: `unix:${path}` } }, hello)
    const get = () =>
      new Promise<number | undefined>((resolve, reject) => {
        http.get({ socketPath: path, agent: false }, ({ statusCode }) => resolve(statusCode)).on('error', reject)
      })
    const before = await stat(path)
    const state = { isOver: false }
    const statuses = new Set<unknown>()
    const running = (async () => {
      while (!state.isOver) statuses.add(await get().catch((error: unknown) => error))
    })()
    for (let i = 0; i < 5; i++) await server.replaceEntryPoint('web', `unix:${path}`)
    await get()
    state.isOver = true
    await running
    expect([...statuses]).to.deep.equal([200])
    expect((await stat(path)).ino).to.equal(before.ino)
    expect(server.entryPoint('web').addresses).to.deep.equal([`unix:${path}`])
    await server.stop()
    expect(await rejected(stat(path))).to.include({ code: 'ENOENT' })
  })
})
