import { Server as HttpServer } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { expect } from 'chai'
import { tcpForward } from 'tribind/forward'
import { Server } from 'tribind'
import { collectingLogger, overSocket } from './both-ways.ts'

describe('server.httpServers', () => {
  overSocket(
    'are the servers of Node.js behind the open addresses',
    (server) => {
      server.get('/', () => 'served')
    },
    async (send, _world, { server, way, port }) => {
      expect(server.httpServers).to.have.length(1)
      const [http] = server.httpServers
      expect(http?.address()).to.deep.equal({ address: '127.0.0.1', family: 'IPv4', port })
      if (way !== 'http2') expect(http).to.be.instanceOf(way === 'https' ? HttpsServer : HttpServer)
      let connections = 0
      http?.on('connection', () => connections++)
      expect((await send('/')).text).to.equal('served')
      if (way !== 'http2') expect(connections).to.equal(1)
      await server.stop()
      expect(server.httpServers).to.deep.equal([])
    },
  )

  it('are there for each entry point that serves requests, while it is open', async () => {
    const server = new Server({
      logger: collectingLogger(),
      entryPoints: {
        web: '127.0.0.1:0,[::1]:0',
        raw: { address: '127.0.0.1:0', handler: tcpForward({ nodes: ['127.0.0.1:9'] }) },
      },
    })
    expect(server.httpServers).to.deep.equal([])
    await server.start()
    expect(server.httpServers).to.have.length(2)
    await server.closeEntryPoint('web')
    expect(server.httpServers).to.deep.equal([])
    await server.stop()
  })
})
