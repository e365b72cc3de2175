import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { gate, openRaw, overHttp1, rawExchange, until } from './both-ways.ts'
import { connect, upgradeHead } from './websocket-client.ts'

function register(server: Server) {
  const { opened, open } = gate()
  const world = { open, running: 0, most: 0, total: 0 }
  server.bindHandler('/slow', async (request) => {
    world.total++
    world.most = Math.max(world.most, ++world.running)
    await opened
    world.running--
    return request.text()
  })
  server.get('/', () => 'next')
  server.bindWebSocket('/ws', (socket) => void socket.on('message', (data: Buffer) => socket.send(data)))
  return world
}

const get = 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n'
const post = (body: string) => `POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const last = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const statuses = (text: string) => text.match(/HTTP\/1\.1 \d+/g)?.length ?? 0

describe('pipelined requests', () => {
  overHttp1(
    'are served 101 at once by default, and all of them in the end',
    register,
    async (send, world, { port }) => {
      const answers = rawExchange(port, get.repeat(1000) + last)
      await until(() => world.running >= 101, 'they are served')
      await sleep(50)
      expect(world.total).to.equal(101)
      expect((await send('/')).text).to.equal('next')
      world.open()
      expect(statuses(await answers)).to.equal(1001)
    },
  )

  overHttp1(
    'beyond the limit are not read: the client has to wait',
    register,
    async (_send, world, { port }) => {
      const { socket, received, closed } = await openRaw(port, '')
      const flood = get.repeat(1000)
      let count = 0
      const send = () => {
        while (count < 1000 && socket.write(flood)) count++
      }
      socket.on('drain', send)
      send()
      await sleep(500)
      const sent = socket.bytesWritten - socket.writableLength
      expect(world.total).to.equal(4)
      expect(sent, 'most of it waits at the client').to.be.below(20_000_000)
      expect(count).to.be.below(1000)
      socket.destroy()
      await closed
      world.open()
      await until(() => world.running === 0, 'all have ended')
      expect(world.total).to.equal(4)
      expect(received()).to.equal('')
    },
    { maxPipelinedRequests: 3 },
  )

  for (const maxPipelinedRequests of [1, 2, 3]) {
    overHttp1(
      `have their bodies read, however few are served at once: ${maxPipelinedRequests}`,
      register,
      async (_send, world, { port }) => {
        const bodies = ['a'.repeat(200_000), 'b', 'c'.repeat(300_000), 'd', 'e'.repeat(100_000)]
        const answers = rawExchange(port, bodies.map(post).join('') + last)
        await until(() => world.running > 0, 'one is served')
        world.open()
        const text = await answers
        expect(statuses(text)).to.equal(6)
        for (const body of bodies) expect(text.includes(`\r\n\r\n${body}`)).to.equal(true)
        expect(world.most).to.be.at.most(maxPipelinedRequests + 1)
      },
      { maxPipelinedRequests },
    )
  }

  overHttp1(
    'beyond the limit may end with one that asks for a WebSocket',
    register,
    async (_send, world, { port }) => {
      const { socket, received } = await openRaw(port, get.repeat(5) + upgradeHead('/ws'))
      await until(() => world.running === 3, 'some are served')
      world.open()
      await until(() => received().includes('HTTP/1.1 101'), 'it is opened')
      socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
      await until(() => received().endsWith('\x82\x02hi'), 'it echoes')
      socket.destroy()
      const other = await connect(port, '/ws')
      other.socket.terminate()
    },
    { maxPipelinedRequests: 2 },
  )
})
