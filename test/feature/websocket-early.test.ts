import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { gate, overHttp1, until } from './both-ways.ts'
import { connect } from './websocket-client.ts'

function register(server: Server) {
  const { opened, open } = gate()
  const heard: string[] = []
  const closed: number[] = []
  server.bindWebSocket('/late', async (socket) => {
    await opened
    socket.on('message', (data: Buffer) => {
      heard.push(data.toString())
      socket.send(`heard ${data.toString()}`)
    })
  })
  server.bindWebSocket('/deaf', async (socket) => {
    socket.on('close', (code) => closed.push(code))
    await opened
  })
  return { open, heard, closed }
}

describe('a WebSocket whose handler awaits before it listens', () => {
  overHttp1('hears all that was said meanwhile, in order', register, async (_send, world, { port }) => {
    const { socket, messages } = await connect(port, '/late')
    for (let i = 0; i < 20; i++) socket.send(String(i))
    await sleep(50)
    expect(world.heard).to.deep.equal([])
    world.open()
    await until(() => world.heard.length === 20, 'all is heard')
    socket.send('after')
    await until(() => messages.length === 21, 'it answers')
    expect(world.heard).to.deep.equal([...Array.from({ length: 20 }, (_, i) => String(i)), 'after'])
    socket.terminate()
  })

  overHttp1('hears what a client said that has left', register, async (_send, world, { port }) => {
    const { socket, closed } = await connect(port, '/late')
    socket.send('hello')
    socket.close(1000)
    await closed
    world.open()
    await until(() => world.heard[0] === 'hello', 'it is heard')
  })

  overHttp1(
    'reads no more than maxPayload ahead, and goes on from there',
    (server) => {
      const { opened, open } = gate()
      const sizes: number[] = []
      server.bindWebSocket(
        '/',
        async (socket) => {
          await opened
          socket.on('message', (data: Buffer) => sizes.push(data.length))
        },
        { maxPayload: 100_000 },
      )
      return { open, sizes }
    },
    async (_send, world, { port }) => {
      const { socket } = await connect(port, '/')
      for (let i = 0; i < 500; i++) socket.send(Buffer.alloc(50_000))
      await sleep(300)
      expect(socket.bufferedAmount, 'the rest waits at the client').to.be.above(1_000_000)
      world.open()
      await until(() => world.sizes.length === 500, 'all is heard')
      socket.terminate()
    },
  )

  overHttp1('sees its client leave nevertheless', register, async (_send, world, { port }) => {
    const { socket } = await connect(port, '/deaf')
    socket.send('unheard')
    socket.close(4001)
    await until(() => world.closed.length === 1, 'it is told')
    expect(world.closed).to.deep.equal([4001])
    world.open()
  })
})
