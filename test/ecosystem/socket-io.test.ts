import type { Server as HttpServer } from 'node:http'
import { Server as Engine } from 'engine.io'
import { expect } from 'chai'
import { Server as SocketIo } from 'socket.io'
import { io as connect } from 'socket.io-client'
import { overHttp1 } from '../feature/both-ways.ts'

describe('socket.io and engine.io', () => {
  for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
    overHttp1(
      `answer clients, by ${transports.join(' and then ')}`,
      (server) => {
        const io = new SocketIo()
        const engine = new Engine()
        io.bind(engine)
        io.on('connection', (socket) => socket.on('greet', (name, answer) => answer(`Hello ${name}`)))
        server.all('/socket.io/*', ({ response }) => {
          const { request: req, response: res } = response.hijack()
          engine.handleRequest(req as never, res)
        })
        server.bindUpgrade('/socket.io/*', (request, socket, head) =>
          engine.handleUpgrade(request as never, socket, head),
        )
        return io
      },
      async (_send, io, { port }) => {
        const client = connect(`http://127.0.0.1:${port}`, { transports, reconnection: false })
        expect(await client.timeout(2000).emitWithAck('greet', 'ann')).to.equal('Hello ann')
        const last = transports.at(-1)
        const { engine } = client.io
        if (engine.transport.name !== last)
          await new Promise<void>((resolve) => engine.once('upgrade', () => resolve()))
        expect(engine.transport.name).to.equal(last)
        client.close()
        await io.close()
      },
    )
  }

  overHttp1(
    'answer clients at the server of node:http itself, beside what tribind serves',
    (server) => {
      const io = new SocketIo({ destroyUpgrade: false })
      io.on('connection', (socket) => socket.on('greet', (name, answer) => answer(`Hello ${name}`)))
      server.get('/', () => 'ours')
      return io
    },
    async (send, io, { server, port }) => {
      io.attach(server.httpServers[0] as HttpServer)
      for (const transport of ['polling', 'websocket']) {
        const client = connect(`http://127.0.0.1:${port}`, { transports: [transport], reconnection: false })
        expect(await client.timeout(2000).emitWithAck('greet', 'ann')).to.equal('Hello ann')
        client.close()
      }
      expect((await send('/')).text).to.equal('ours')
      // io.close() would close the server of tribind, too.
      io.disconnectSockets(true)
      io.engine.close()
    },
  )
})
