import { expect } from 'chai'
import { Server } from 'tribind'
import { forward } from 'tribind/forward'
import { collectingLogger } from '../feature/both-ways.ts'
import { ask, portAt, start, stopAll } from '../feature/entry-point-world.ts'
import { connect } from '../feature/websocket-client.ts'
import { closeAll, exchange, openOrigin, statusIn } from './proxy-world.ts'

describe('forward as the handler of an entry point', () => {
  afterEach(stopAll)
  afterEach(closeAll)

  it('forwards all requests, whatever is bound, with the hooks that are', async () => {
    const origin = await openOrigin()
    const hooked: string[] = []
    const handler = forward(`http://127.0.0.1:${origin.port}`)
    const server = await start({ entryPoints: { gate: { address: '127.0.0.1:0', handler } } }, (server) => {
      server.get('/a', () => 'by route')
      server.bindHookHandler('/x', 'BeforeServe', ({ path }) => void hooked.push(path))
    })
    expect(await ask(server, 'gate', '/a?b')).to.equal('GET /a?b')
    const answer = await exchange(
      portAt(server, 'gate'),
      'PROPFIND /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(statusIn(answer)).to.equal(200)
    expect(answer).to.contain('PROPFIND /x')
    expect(hooked).to.deep.equal(['/x'])
  })

  it('forwards WebSockets', async () => {
    const node = new Server({ port: 0, logger: collectingLogger() })
    node.bindWebSocket('/echo', (socket) => void socket.on('message', (text) => socket.send(`${String(text)}!`)))
    await node.start()
    const handler = forward(`http://127.0.0.1:${node.port}`)
    const server = await start({ entryPoints: { gate: { address: '127.0.0.1:0', handler } } })
    const client = await connect(portAt(server, 'gate'), '/echo')
    client.socket.send('hello')
    const message = await new Promise((resolve) =>
      client.socket.once('message', (data: Buffer) => resolve(String(data))),
    )
    expect(message).to.equal('hello!')
    client.socket.terminate()
    await server.stop()
    await node.stop()
  })
})
