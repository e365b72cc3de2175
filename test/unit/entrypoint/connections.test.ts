import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { expect } from 'chai'
import { Connections } from '../../../lib/entrypoint/connections.ts'
import { until } from '../../feature/both-ways.ts'
import { cert, key } from '../../feature/key-pair.ts'

const size = 2 ** 25

const kinds = {
  http: {
    create: (listener: http.RequestListener) => http.createServer(listener),
    connect: (port: number) => net.connect(port, '127.0.0.1'),
    event: 'connect',
    beginning: Buffer.from('GET /'),
  },
  https: {
    create: (listener: http.RequestListener) => https.createServer({ key, cert }, listener),
    connect: (port: number): net.Socket => tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }),
    event: 'secureConnect',
    // Of a record of the handshake (RFC 8446, section 5.1).
    beginning: Buffer.from([0x16, 0x03, 0x01]),
  },
}

for (const [kind, { create, connect, event, beginning }] of Object.entries(kinds)) {
  describe(`Connections of ${kind}`, () => {
    const clients: net.Socket[] = []

    /** A server that answers vastly, and a client connected to it. */
    async function open() {
      let requests = 0
      const server = create((request, response) => {
        requests++
        if (request.url === '/vast') response.end(Buffer.alloc(size))
      })
      const connections = new Connections(server)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as net.AddressInfo
      const join = async (of = connect, joined = event) => {
        const client = of(port).on('error', () => {})
        clients.push(client)
        await once(client, joined)
        return client
      }
      return { connections, join, hasRead: (count: number) => until(() => requests === count, 'it is read') }
    }

    afterEach(() => {
      for (const client of clients.splice(0)) client.destroy()
    })

    it('are closed soon where nothing was ever sent, and not counted', async () => {
      const { connections, join } = await open()
      const silent = [await join(), await join(kinds.http.connect, 'connect')]
      const closed = silent.map((client) => once(client.resume(), 'close'))
      expect(await connections.close(5000)).to.equal(0)
      await Promise.all(closed)
    })

    it('are left alone as long as an answer is on its way to a client that reads slowly', async () => {
      const { connections, join, hasRead } = await open()
      const [reader, silent] = [await join(), await join()]
      silent.resume()
      reader.pause().write('GET /vast HTTP/1.1\r\nHost: a\r\n\r\n')
      await hasRead(1)
      const closing = connections.close(5000)
      await once(silent, 'close')
      let received = 0
      const ended = once(reader, 'close')
      reader.on('data', (chunk: Buffer) => (received += chunk.length)).resume()
      expect(await closing).to.equal(0)
      await ended
      expect(received).to.be.greaterThan(size)
    })

    it('are cut when their time is over, each counted once, also before a handshake has ended', async () => {
      const { connections, join, hasRead } = await open()
      const waiting = await join()
      waiting.resume().write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
      await hasRead(1)
      const partly = await join(kinds.http.connect, 'connect')
      partly.resume().write(beginning)
      const closed = [waiting, partly].map((client) => once(client, 'close'))
      // Both have arrived: what was sent last is read with, or before, the end of this round trip.
      await join()
      expect(await connections.close(100)).to.equal(2)
      await Promise.all(closed)
    })
  })
}
