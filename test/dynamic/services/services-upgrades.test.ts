import { once } from 'node:events'
import http from 'node:http'
import { expect } from 'chai'
import { WebSocket, WebSocketServer } from 'ws'
import { portOf } from '../../feature/both-ways.ts'
import { closeAfterEach, closeLater, listenOn } from '../../forward/forward-world.ts'
import { createWorld } from '../model/aggregate-world.ts'

describe('services that lead to others, for WebSockets', () => {
  closeAfterEach()

  const around: [string, (service: string) => object][] = [
    ['weighted', (service) => ({ weighted: [{ service }] })],
    ['mirror', (service) => ({ mirror: { service, to: 'text' } })],
    ['failover', (service) => ({ failover: { service: 'unavailable@internal', fallback: service } })],
  ]
  for (const [name, create] of around)
    it(`${name} passes them on, behind its middlewares`, async () => {
      const node = http.createServer()
      const sockets = new WebSocketServer({ server: node })
      sockets.on('connection', (socket) => socket.send('hello'))
      closeLater(() => sockets.close())
      const { url } = await listenOn(node)
      const world = createWorld('refuse', { address: '127.0.0.1', port: 0, stopTimeout: 1000 })
      await world.server.start()
      closeLater(() => world.server.stop())
      const applied = await world.apply({
        file: {
          routes: {
            all: { pattern: '/ws', service: 'around' },
            closed: { pattern: '/closed', service: 'around', middlewares: [{ ipDeny: ['loopback'] }] },
          },
          services: { around: create('node'), node: { forward: { nodes: [url] } }, text: { text: '' } },
        },
      })
      expect(applied).to.include({ applied: true })
      const socket = new WebSocket(`ws://127.0.0.1:${portOf(world.server)}/ws`)
      const [hello] = (await once(socket, 'message')) as [Buffer]
      expect(String(hello)).to.equal('hello')
      socket.close()
      await once(socket, 'close')
      const refused = new WebSocket(`ws://127.0.0.1:${portOf(world.server)}/closed`)
      const [error] = (await once(refused, 'error')) as [Error]
      expect(error.message).to.contain('403')
    })
})
