import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { Server } from 'tribind'
import { collectingLogger, inTime, portOf, rawExchange, until } from './both-ways.ts'
import { connect, upgradeHead } from './websocket-client.ts'

describe('WebSockets of a server that stops', () => {
  it('close with 1001 when the server stops, which waits for them, and no longer than stopTimeout', async () => {
    const server = new Server({ port: 0, stopTimeout: 300, logger: collectingLogger() })
    const closed: number[] = []
    server.bindWebSocket('/', (socket) => void socket.on('close', (code) => closed.push(code)))
    await server.start()
    const port = portOf(server)
    const clients = await Promise.all([1, 2, 3].map(() => connect(port, '/')))
    const begin = Date.now()
    const silent = net.connect(port, '127.0.0.1').on('error', () => {})
    silent.write(upgradeHead('/'))
    await once(silent, 'data')
    await inTime(server.stop(), 'the server has stopped')
    expect(Date.now() - begin).to.be.within(250, 1000)
    for (const client of clients) expect((await client.closed)[0]).to.equal(1001)
    expect(closed.sort((a, b) => a - b)).to.deep.equal([1001, 1001, 1001, 1006])

    const quick = new Server({ port: 0 })
    quick.bindWebSocket('/', () => {})
    await quick.start()
    const client = await connect(portOf(quick), '/')
    const start = Date.now()
    await quick.stop()
    expect(Date.now() - start).to.be.lessThan(500)
    expect((await client.closed)[0]).to.equal(1001)
  })

  it('hold up no stop by a request that waits for the one before it', async () => {
    const server = new Server({ port: 0, stopTimeout: 100, logger: collectingLogger() })
    server.get('/never', () => new Promise(() => {}))
    server.bindWebSocket('/', () => {})
    await server.start()
    const answer = rawExchange(portOf(server), `GET /never HTTP/1.1\r\nHost: a\r\n\r\n${upgradeHead('/')}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await inTime(server.stop(), 'the server has stopped', 4000)
    expect(await answer).to.equal('')
  })

  it('are not opened any more once the server stops', async () => {
    const server = new Server({ port: 0 })
    let isWaiting = false
    let goOn = () => {}
    server.use(async (_request, next) => {
      isWaiting = true
      await new Promise<void>((resolve) => (goOn = resolve))
      await next()
    })
    server.bindWebSocket('/', () => {})
    await server.start()
    const answer = rawExchange(portOf(server), upgradeHead('/'))
    await until(() => isWaiting, 'the middleware waits')
    const stopped = server.stop()
    goOn()
    expect(await answer).to.match(/^HTTP\/1\.1 503 /)
    await inTime(stopped, 'the server has stopped')
  })
})
