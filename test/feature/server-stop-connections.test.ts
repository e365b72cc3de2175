import type net from 'node:net'
import { expect } from 'chai'
import { Server } from 'tribind'
import {
  collectingLogger,
  type Entry,
  gate,
  inTime,
  openRaw,
  type Options,
  portOf,
  type RawConnection,
  until,
} from './both-ways.ts'
import { upgradeHead } from './websocket-client.ts'

const created: Server[] = []
const clients: net.Socket[] = []

/** A server with `/quick`, `/slow`, which ends when told to, and `POST /upload`. */
async function serve(options: Options = {}) {
  const log: Entry[] = []
  const server = new Server({ port: 0, logger: collectingLogger(log), ...options })
  created.push(server)
  const [entered, finished] = [gate(), gate()]
  const seen: string[] = []
  server.bindHookHandler('/*', 'BeforeServe', (request) => void seen.push(request.path))
  server.get('/quick', () => 'quick')
  server.get('/slow', async () => {
    entered.open()
    await finished.opened
    return 'slow'
  })
  server.post('/upload', async (request) => (await request.bytes()).length)
  server.get('/vast', () => Buffer.alloc(2 ** 25))
  server.bindWebSocket('/socket', () => {})
  await server.start()
  // That it listens is not what these tests are about.
  log.length = 0
  return { server, log, seen, entered: entered.opened, finish: finished.open }
}

async function connect(server: Server, text: string): Promise<RawConnection> {
  const client = await openRaw(portOf(server), text)
  clients.push(client.socket)
  return client
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const count = (text: string, part: string) => text.split(part).length - 1

describe('server: a stop and its connections', () => {
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  it('closes those that are idle, or never said anything, without waiting for the busy ones', async () => {
    const { server, entered, finish } = await serve()
    const slow = await connect(server, get('/slow'))
    const kept = await connect(server, get('/quick'))
    const silent = await connect(server, '')
    await entered
    await until(() => kept.received().includes('quick'), 'it is answered')
    const stopping = server.stop()
    await inTime(Promise.all([kept.closed, silent.closed]), 'both are closed', 1000)
    expect(slow.received()).to.equal('')
    finish()
    await stopping
    await slow.closed
    expect(slow.received()).to.match(/^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*slow$/)
  })

  it('serves what a kept connection sends at the moment of the stop', async () => {
    const { server } = await serve()
    const kept = await connect(server, get('/quick'))
    await until(() => kept.received().includes('quick'), 'it is answered')
    const stopping = server.stop()
    kept.socket.write(get('/quick'))
    await stopping
    await kept.closed
    expect(count(kept.received(), 'HTTP/1.1 200 ')).to.equal(2)
    expect(kept.received()).to.match(/Connection: close\r\n[^]*quick$/)
  })

  it('serves a request whose head was received in part', async () => {
    const { server, entered, finish } = await serve()
    const slow = await connect(server, get('/slow'))
    const partly = await connect(server, 'GET /quick HTTP/1.1\r\nHo')
    await entered
    const stopping = server.stop()
    finish()
    await slow.closed
    partly.socket.write('st: a\r\n\r\n')
    await stopping
    await partly.closed
    expect(partly.received()).to.match(/Connection: close\r\n[^]*quick$/)
  })

  it('answers all requests of a pipeline that it has read, and says with the last that it closes', async () => {
    const { server, seen, finish } = await serve()
    const pipeline = await connect(server, get('/slow') + get('/slow') + get('/quick'))
    await until(() => seen.length === 3, 'all are read')
    const stopping = server.stop()
    finish()
    await stopping
    await pipeline.closed
    expect(count(pipeline.received(), 'HTTP/1.1 200 ')).to.equal(3)
    expect(pipeline.received()).to.match(/quick$/)
  })

  it('tells a pipeline only once that it closes, where the last answer is still to be made', async () => {
    const { server, seen, finish } = await serve()
    const pipeline = await connect(server, get('/slow') + get('/slow'))
    await until(() => seen.length === 2, 'both are read')
    const stopping = server.stop()
    finish()
    await stopping
    await pipeline.closed
    expect(count(pipeline.received(), 'slow')).to.equal(2)
    expect(pipeline.received().split('slow')[0]).to.not.include('Connection: close')
    expect(pipeline.received().split('slow')[1]).to.include('Connection: close')
  })

  it('lets an upload end and answers it', async () => {
    const { server, seen } = await serve()
    const upload = await connect(server, 'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc')
    await until(() => seen.length === 1, 'it is read')
    const stopping = server.stop()
    upload.socket.write('def')
    await stopping
    await upload.closed
    expect(upload.received()).to.match(/\r\n\r\n6$/)
  })

  it('lets a client that reads slowly have all of its answer', async () => {
    const { server, seen, entered, finish } = await serve()
    const slow = await connect(server, get('/slow'))
    await entered
    const reader = await connect(server, '')
    reader.socket.pause().write(get('/vast'))
    await until(() => seen.includes('/vast'), 'it is read')
    const idle = await connect(server, '')
    const stopping = server.stop()
    // By then, idle connections have been looked for.
    await idle.closed
    reader.socket.resume()
    await reader.closed
    expect(reader.received().length).to.be.greaterThan(2 ** 25)
    finish()
    await Promise.all([stopping, slow.closed])
  })

  it('cuts what has not ended within stopTimeout, and counts it in the log', async () => {
    const { server, log, seen } = await serve({ stopTimeout: 150 })
    const kept = await connect(server, get('/quick'))
    const cut = await Promise.all([
      connect(server, 'GET /quick HTTP/1.1\r\nHo'),
      connect(server, 'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc'),
      connect(server, get('/slow')),
      connect(server, upgradeHead('/socket')),
    ])
    const unread = await connect(server, '')
    unread.socket.pause().write(get('/vast'))
    await until(() => seen.length === 5 && cut[3].received().includes(' 101 '), 'all are read')
    await until(() => kept.received().includes('quick'), 'it is answered')
    await server.stop()
    await Promise.all(cut.map(({ closed }) => closed))
    expect(log.filter(({ level }) => level === 'warn')).to.deep.equal([
      {
        level: 'warn',
        message: "Closed 5 connections that hadn't ended within stopTimeout",
        fields: { connections: 5, address: server.addresses[0], entryPoint: 'default' },
      },
    ])
  })

  it('cuts at once under a stopTimeout of 0, and counts no idle one', async () => {
    const { server, log, entered } = await serve({ stopTimeout: 0 })
    const kept = await connect(server, get('/quick'))
    await until(() => kept.received().includes('quick'), 'it is answered')
    const slow = await connect(server, get('/slow'))
    await entered
    const stopping = server.stop()
    await inTime(Promise.all([slow.closed, kept.closed]), 'both are closed', 1000)
    await stopping
    expect(log.map(({ message }) => message)).to.deep.equal([
      'Stopping',
      "Closed 1 connection that hadn't ended within stopTimeout",
      'Stopped',
    ])
  })

  it('logs no cut after a stop that had to cut nothing', async () => {
    const { server, log } = await serve({ stopTimeout: 100 })
    const kept = await connect(server, get('/quick'))
    await until(() => kept.received().includes('quick'), 'it is answered')
    await server.stop()
    await kept.closed
    expect(log.map(({ message }) => message)).to.deep.equal(['Stopping', 'Stopped'])
  })
})
