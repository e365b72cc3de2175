import { once } from 'node:events'
import net from 'node:net'
import { buffer } from 'node:stream/consumers'
import tls from 'node:tls'
import { expect } from 'chai'
import { type ConnectionHandler, type EntryPoint, type EntryPointOptions, type Server } from 'tribind'
import { callUntyped, type Entry, gate, inTime, rejected, thrownBy, until } from './both-ways.ts'
import { ask, create, local, messages, portAt, start, stopAll } from './entry-point-world.ts'
import { cert, key } from './key-pair.ts'

const echo: ConnectionHandler = (socket) => socket.pipe(socket)
const never: ConnectionHandler = () => {}
const https = { key, cert }

/** A server whose only entry point, `raw`, has a handler. */
function serve(handler: ConnectionHandler, options: Partial<EntryPointOptions> = {}, log: Entry[] = []) {
  return startIt(create({ entryPoints: { raw: { address: local, handler, enableStats: true, ...options } } }, log))
}

async function startIt(server: Server): Promise<Server> {
  await server.start()
  return server
}

async function join(server: Server, name = 'raw', isSecure = false): Promise<net.Socket> {
  const port = portAt(server, name)
  const socket = isSecure
    ? tls.connect({ port, host: '127.0.0.1', ca: cert, servername: 'localhost' })
    : net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, isSecure ? 'secureConnect' : 'connect')
  return socket
}

async function say(socket: net.Socket, text: string): Promise<string> {
  socket.end(text)
  return (await inTime(buffer(socket), 'the connection ends')).toString()
}

const stats = (server: Server) => server.entryPoint('raw').status().stats

describe('the handler of an entry point: a function of each connection', () => {
  afterEach(stopAll)

  for (const isSecure of [false, true])
    it(`gets each connection and the entry point, ${isSecure ? 'after the handshake of TLS' : 'as it is accepted'}`, async () => {
      const places: unknown[] = []
      const handler = (socket: net.Socket, entryPoint: EntryPoint) => {
        places.push(entryPoint)
        echo(socket, entryPoint)
      }
      const server = await serve(handler, isSecure ? { https } : {})
      expect(await say(await join(server, 'raw', isSecure), 'hello')).to.equal('hello')
      expect(places).to.deep.equal([server.entryPoint('raw')])
    })

  it('is counted: connections, and their bytes', async () => {
    const server = await serve(echo)
    const socket = await join(server)
    await until(() => stats(server)?.currentConns === 1, 'it is counted')
    expect(await say(socket, 'hello')).to.equal('hello')
    await until(() => stats(server)?.currentConns === 0, 'it has ended')
    expect(stats(server)).to.include({ totalConns: 1, inputBytes: 5, outputBytes: 5, totalErrs: 0, totalRequests: 0 })
  })

  it('may send first', async () => {
    const server = await serve((socket) => void socket.end('welcome'))
    expect((await buffer(await join(server))).toString()).to.equal('welcome')
  })

  for (const [how, handler] of [
    ['throws', () => expect.fail('broken')],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ] as [string, ConnectionHandler][])
    it(`that ${how} is logged, and its connection is cut`, async () => {
      const log: Entry[] = []
      const server = await serve(handler, {}, log)
      await inTime(once((await join(server)).resume(), 'close'), 'it is cut')
      const entry = log.find(({ level }) => level === 'error')
      expect(entry?.message).to.contain('failed in the handler')
      expect(entry?.fields).to.include({ entryPoint: 'raw' })
      expect(stats(server)).to.include({ totalErrs: 1, totalConns: 1 })
    })

  it('outlives a client that resets the connection, which is no failure', async () => {
    const log: Entry[] = []
    const left = gate()
    const handler: ConnectionHandler = async (socket) => {
      socket.on('close', left.open)
      for await (const chunk of socket) socket.write(chunk as Buffer)
    }
    const server = await serve(handler, {}, log)
    const socket = await join(server)
    socket.write('x')
    await once(socket, 'data')
    socket.resetAndDestroy()
    await left.opened
    expect(await say(await join(server), 'still here')).to.equal('still here')
    expect(log.filter(({ level }) => level === 'error')).to.deep.equal([])
    expect(stats(server)?.totalErrs).to.equal(0)
  })

  it('has no more connections than maxConnections', async () => {
    const server = await serve(echo, { maxConnections: 1 })
    const first = await join(server)
    await until(() => stats(server)?.currentConns === 1, 'the first is accepted')
    const second = net.connect(portAt(server, 'raw'), '127.0.0.1').on('error', () => {})
    await inTime(once(second.resume(), 'close'), 'the second is refused')
    expect(await say(first, 'hello')).to.equal('hello')
    expect(stats(server)?.totalConns).to.equal(2)
  })

  it('loses a connection that is silent for longer than timeout', async () => {
    const server = await serve(never, { timeout: 50 })
    await inTime(once((await join(server)).resume(), 'close'), 'it is cut')
  })

  it('keeps its connections while the entry point closes, until they end', async () => {
    const server = await serve(echo)
    const socket = await join(server)
    await until(() => stats(server)?.currentConns === 1, 'it is accepted')
    const closing = server.closeEntryPoint('raw')
    await until(() => server.entryPoint('raw').addresses.length === 0, 'it closes')
    expect(await say(socket, 'late')).to.equal('late')
    expect(await closing).to.deep.equal({ cut: 0 })
  })

  it('loses them after the time of the close, silent ones too', async () => {
    const server = await serve(never)
    const sockets = [await join(server), await join(server)]
    sockets[0]?.write('x')
    await until(() => stats(server)?.currentConns === 2, 'they are accepted')
    const closed = sockets.map((socket) => once(socket.resume(), 'close'))
    expect(await server.closeEntryPoint('raw', 50)).to.deep.equal({ cut: 2 })
    await inTime(Promise.all(closed), 'they are cut')
  })

  it('is awaited by the stop', async () => {
    const { opened, open } = gate()
    let isOver = false
    const server = await serve(async (socket) => {
      socket.destroy()
      await opened
      isOver = true
    })
    await once((await join(server)).resume(), 'close')
    const stopping = server.stop()
    open()
    await stopping
    expect(isOver).to.equal(true)
  })

  it('runs the commands, and tells the observers', async () => {
    const seen: string[] = []
    const report = (events: readonly { type: string; status?: { state: string } }[]) => {
      for (const { status } of events) if (status !== undefined) seen.push(status.state)
    }
    const called: string[] = []
    const server = await serve(echo, {
      observer: { report },
      preUp: () => void called.push('preUp'),
      postDown: () => void called.push('postDown'),
    })
    expect(messages(server, 'raw').slice(0, 2)).to.deep.equal(['service raw is running', 'service raw is ready'])
    await server.stop()
    expect(called).to.deep.equal(['preUp', 'postDown'])
    expect(seen).to.deep.equal(['running', 'ready', 'closed'])
  })

  it('is logged with the scheme of what it serves', async () => {
    const log: Entry[] = []
    await serve(echo, {}, log)
    await serve(echo, { https }, log)
    const urls = log.map(({ message }) => /Listening on (\S+):\d+/.exec(message)?.[1]).filter(Boolean)
    expect(urls).to.deep.equal(['tcp://127.0.0.1', 'tcp+tls://127.0.0.1'])
  })

  it('takes turns with routes at the same address, and with TLS; what is open goes on', async () => {
    const server = await start({ entryPoints: { raw: local } }, (server) => server.get('/', () => 'by route'))
    const address = String(server.entryPoint('raw').addresses[0])
    expect(await ask(server, 'raw')).to.equal('by route')
    await server.replaceEntryPoint('raw', { address, handler: echo })
    const open = await join(server)
    open.write('begun')
    await once(open, 'data')
    await server.replaceEntryPoint('raw', { address, handler: echo, https })
    expect(await say(await join(server, 'raw', true), 'secret')).to.equal('secret')
    await server.replaceEntryPoint('raw', address)
    expect(await ask(server, 'raw')).to.equal('by route')
    expect(await say(open, ' and ended')).to.equal(' and ended')
  })

  it('is opened while the server serves, at a Unix socket too', async () => {
    const server = await start({ entryPoints: { web: local } })
    const path = `/tmp/tribind-raw-${process.pid}.sock`
    await server.openEntryPoint('raw', { address: `unix:${path}`, handler: echo })
    const socket = net.connect(path)
    expect(await say(socket, 'hello')).to.equal('hello')
  })

  it('must be a function or a service', () => {
    for (const handler of ['http', {}, 42, null]) {
      const error = thrownBy(() =>
        callUntyped({ create }, 'create', { entryPoints: { raw: { address: local, handler } } }),
      )
      expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG' })
      expect(error.message).to.contain('option "entryPoints.raw.handler" must be a function')
    }
  })

  it('is an option of entry points alone', () => {
    const error = thrownBy(() => callUntyped({ create }, 'create', { handler: echo }))
    expect(error.message).to.contain('entryPoints.NAME.handler')
  })

  it("can't speak HTTP/2", async () => {
    const server = await start({ entryPoints: { web: local } })
    const error = await rejected(server.openEntryPoint('raw', { address: local, handler: echo, https, http2: true }))
    expect(error.message).to.contain('option "entryPoints.raw.http2" must be false')
  })

  it('tells which options and routes have no effect', async () => {
    const log: Entry[] = []
    const server = create(
      { entryPoints: { raw: { address: local, handler: echo, maxHeaderSize: 100, timeout: '1s' } } },
      log,
    )
    server.entryPoint('raw').get('/', () => 'never')
    await server.start()
    expect(log.filter(({ level }) => level === 'warn').map(({ message }) => message)).to.deep.equal([
      'Option "entryPoints.raw.maxHeaderSize" has no effect beside "handler"',
      'What is bound on entry point "raw" doesn\'t serve, since it has a handler',
    ])
  })

  it('is left out of the options that an entry point shows', async () => {
    const server = await serve(echo)
    expect(server.entryPoint('raw').options).to.not.have.any.keys('handler', 'idleLimits')
  })
})
