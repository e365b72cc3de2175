import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Server } from 'tribind'
import { expect } from 'chai'
import { openRaw, overHttp1, overSocket, type Protocol, until } from './both-ways.ts'
import { openClient } from './clients.ts'
import { cert, key } from './key-pair.ts'
import { connect } from './websocket-client.ts'

const REQUESTS = 50

function register(server: Server) {
  server.bindWebSocket('/ws', (socket) => void socket.on('message', (data: Buffer) => socket.send(data)))
  server.get('/listeners', ({ raw: { socket } }) => countListeners(socket))
}

const countListeners = (socket: Socket) =>
  Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]))

/** A server of Node.js alone. */
const bare: Readonly<Record<Protocol, () => HttpServer>> = {
  socket: () => createServer(),
  https: () => createHttpsServer({ key, cert }),
  http2: () => createSecureServer({ key, cert }) as unknown as HttpServer,
}

const ask = (fields = '') => `GET /listeners HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
const upgrade = ask('Connection: Upgrade, keep-alive\r\nUpgrade: foo\r\n')
const last = ask('Connection: close\r\n')
const countsIn = (received: string) => [...received.matchAll(/\{.*\}/g)].map(([text]) => JSON.parse(text) as object)

describe('the listeners of a connection', () => {
  const ways = {
    'asked to upgrade, in a pipeline': [upgrade.repeat(REQUESTS) + last],
    'asked to upgrade, one after the other': [...Array.from({ length: REQUESTS }, () => upgrade), last],
    'plain, one after the other': [...Array.from({ length: REQUESTS }, () => ask()), last],
  }
  for (const [what, parts] of Object.entries(ways)) {
    overHttp1(`are as many after many requests as after one: ${what}`, register, async (_send, _world, { port }) => {
      const { socket, received, closed } = await openRaw(port, '')
      const all = parts.length === 1 ? REQUESTS + 1 : 1
      for (const [i, part] of parts.entries()) {
        socket.write(part)
        await until(() => countsIn(received()).length >= i + all, 'it is answered')
      }
      await closed
      const counts = countsIn(received())
      expect(counts).to.have.lengthOf(REQUESTS + 1)
      expect(counts.at(-2)).to.deep.equal(counts[1])
    })
  }

  overSocket(
    'are those that Node.js itself adds: each would cost memory as long as it is open',
    register,
    async (send, _world, { way }) => {
      const protocol = way as Protocol
      const server = bare[protocol]().on('request', ({ socket }, response) => {
        response.end(JSON.stringify(countListeners(socket)))
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const client = openClient(protocol, (server.address() as AddressInfo).port)
      const expected = JSON.parse((await client.send('/')).text) as object
      client.close()
      server.close()
      expect(JSON.parse((await send('/listeners')).text)).to.deep.equal(expected)
    },
  )

  overHttp1('leave those who upgrade in earnest as they were', register, async (_send, _world, { port }) => {
    const { socket, messages } = await connect(port, '/ws')
    socket.send('hello')
    await until(() => messages[0] === 'hello', 'it is echoed')
    socket.terminate()
  })
})
