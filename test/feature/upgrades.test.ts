import { once } from 'node:events'
import { expect } from 'chai'
import { WebSocketServer } from 'ws'
import { RouteError } from 'tribind'
import { callUntyped, inTime, overHttp1, rawExchange, thrownBy, until } from './both-ways.ts'
import { connect, upgradeHead } from './websocket-client.ts'

describe('bindUpgrade', () => {
  overHttp1(
    'hands the connection to a guest, after middleware, which may answer instead',
    (server) => {
      const guest = new WebSocketServer({ noServer: true })
      guest.on('connection', (socket, { url }) => {
        socket.on('message', (data: Buffer) => socket.send(`${url}: ${data.toString()}`))
      })
      server.use((request, next) => (request.getQuery('key') === 'right' ? next() : request.response.writeStatus(403)))
      server.bindUpgrade('/guest/*', (request, socket, head) =>
        guest.handleUpgrade(request, socket, head, (webSocket) => guest.emit('connection', webSocket, request)),
      )
    },
    async (_send, _world, { port }) => {
      const client = await connect(port, '/guest/a?key=right')
      client.socket.send('hello')
      await until(() => client.messages.length > 0, 'it is answered')
      expect(client.messages).to.deep.equal(['/guest/a?key=right: hello'])
      client.socket.close(1000)
      expect((await client.closed)[0]).to.equal(1000)
      const refused = await rawExchange(port, upgradeHead('/guest/a'))
      expect(refused).to.match(/^HTTP\/1\.1 403 /)
      expect(await rawExchange(port, upgradeHead('/other?key=right'))).to.match(/^HTTP\/1\.1 404 /)
    },
  )

  overHttp1(
    'hands over what came behind the head, and runs the close events when the connection ends',
    (server) => {
      const events: string[] = []
      server.bindUpgrade('/guest', async (_request, socket) => {
        const [data] = (await once(socket, 'data')) as [Buffer]
        socket.end(`got ${data.toString()}`)
      })
      server.bindHookHandler('/*', 'AfterClose', () => void events.push('AfterClose'))
      return events
    },
    async (_send, events, { port }) => {
      expect(await rawExchange(port, `${upgradeHead('/guest')}early`)).to.equal('got early')
      await until(() => events.length > 0, 'the close events have run')
      expect(events).to.deep.equal(['AfterClose'])
    },
  )

  overHttp1(
    'closes the connection where the guest fails, which is logged, and goes on',
    (server) => {
      server.bindUpgrade('/throws', () => {
        throw new Error('thrown')
      })
      server.bindUpgrade('/rejects', () => Promise.reject(new Error('rejected')))
    },
    async (_send, _world, { port, log }) => {
      expect(await rawExchange(port, upgradeHead('/throws'))).to.equal('')
      expect(await rawExchange(port, upgradeHead('/rejects'))).to.equal('')
      const errors = log.filter(({ level }) => level === 'error')
      expect(errors.map(({ fields }) => (fields as { error: Error }).error.message)).to.deep.equal([
        'thrown',
        'rejected',
      ])
    },
  )

  overHttp1(
    'ends the connections of guests at a stop',
    (server) => {
      const guest = new WebSocketServer({ noServer: true })
      server.bindUpgrade('/guest', (request, socket, head) => guest.handleUpgrade(request, socket, head, () => {}))
    },
    async (_send, _world, { server, port }) => {
      const client = await connect(port, '/guest')
      await inTime(server.stop(), 'the server has stopped')
      await inTime(client.closed, 'the connection has ended')
    },
  )

  overHttp1(
    'refuses what is not a function, and is listed as a WebSocket',
    (server) => {
      const error = thrownBy(() => callUntyped(server, 'bindUpgrade', '/a', 'text'))
      expect(error).to.be.instanceOf(RouteError)
      server.bindUpgrade('/b', function guest() {})
    },
    async (_send, _world, { server }) => {
      expect(server.routes().map(({ route, type }) => [route, type])).to.deep.include(['/b', 'websocket'])
    },
  )
})
