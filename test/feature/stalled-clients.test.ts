import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { expect } from 'chai'
import { Server } from 'tribind'
import { collectingLogger, inTime, portOf, until } from './both-ways.ts'
import { protocolOptions } from './clients.ts'

const size = 50_000_000

for (const protocol of ['socket', 'https'] as const) {
  describe(`a client of ${protocol} that doesn't read`, () => {
    let server: Server
    let client: net.Socket | undefined

    beforeEach(async () => {
      server = new Server({
        port: 0,
        logger: collectingLogger(),
        ...protocolOptions[protocol],
        timeout: 1000,
        connectionsCheckingInterval: 50,
        stopTimeout: 50,
      })
      server.post('/', async (request) => {
        void request.bytes().catch(() => {})
        return Promise.resolve(Buffer.alloc(size))
      })
      server.get('/', () => Buffer.alloc(size))
      await server.start()
    })

    afterEach(async () => {
      client?.destroy()
      await server.stop()
    })

    async function join(): Promise<net.Socket> {
      const to = { port: portOf(server), host: '127.0.0.1', rejectUnauthorized: false }
      client = (protocol === 'socket' ? net.connect(to) : tls.connect(to)).on('error', () => {})
      await once(client, protocol === 'socket' ? 'connect' : 'secureConnect')
      return client
    }

    it('is cut after timeout, though it goes on sending', async () => {
      const socket = await join()
      socket.pause()
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n`)
      let isCut = false
      const drip = setInterval(() => socket.write('a'), 20)
      socket.once('error', () => (isCut = true)).once('close', () => (isCut = true))
      await until(() => isCut, 'it is cut', 4000).finally(() => clearInterval(drip))
    })

    it('is not one that reads slowly', async () => {
      const socket = await join()
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      let length = 0
      let reads = 0
      socket.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (reads++ % 100 > 0) return
        socket.pause()
        setTimeout(() => socket.resume(), 30)
      })
      await inTime(once(socket, 'close'), 'it has all', 9000)
      expect(length).to.be.above(size)
    })
  })
}
