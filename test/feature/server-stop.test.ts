import { expect } from 'chai'
import http from 'node:http'
import { Server } from 'tribind'
import {
  collectingLogger,
  gate,
  inTime,
  portOf,
  rejected,
  sendByInject,
  sendToPort,
  turns,
  until,
} from './both-ways.ts'

const created: Server[] = []

function create() {
  const server = new Server({ port: 0, logger: collectingLogger() })
  created.push(server)
  return server
}

describe('server: stop', () => {
  afterEach(async () => {
    await Promise.all(created.splice(0).map((server) => server.stop()))
  })

  it('stop is safe to call twice, at once and later', async () => {
    const server = create()
    let runs = 0
    server.registerShutdownHook(() => {
      runs++
    })
    await server.start()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(runs).to.equal(1)
    expect(server.state).to.equal('stopped')
  })

  it('stop lets requests in flight finish, then runs the shutdown hooks', async () => {
    const server = create()
    const { opened, open } = gate()
    const entered = gate()
    const seen: string[] = []
    server.bindHandler('/slow', async () => {
      entered.open()
      await opened
      seen.push('answered')
      return 'slow'
    })
    server.registerShutdownHook(() => {
      seen.push('shutdown')
    })
    await server.start()
    const port = portOf(server)
    const answer = sendToPort(port)('/slow')
    await entered.opened
    const stopping = server.stop()
    await rejected(sendToPort(port)('/slow'))
    expect(seen).to.deep.equal([])
    open()
    expect((await answer).text).to.equal('slow')
    await stopping
    expect(seen).to.deep.equal(['answered', 'shutdown'])
  })

  it('a request by inject is in flight, too', async () => {
    const server = create()
    const { opened, open } = gate()
    const seen: string[] = []
    server.bindHandler('/slow', async () => {
      seen.push('entered')
      await opened
      seen.push('answered')
      return 'slow'
    })
    server.registerShutdownHook(() => {
      seen.push('shutdown')
    })
    await server.start()
    const answer = sendByInject(server)('/slow')
    await until(() => seen.length === 1, 'it is in')
    const stopping = server.stop()
    await turns()
    expect(seen).to.deep.equal(['entered'])
    open()
    expect((await answer).text).to.equal('slow')
    await stopping
    expect(seen).to.deep.equal(['entered', 'answered', 'shutdown'])
  })

  it('stop from within a request, and once more from a shutdown hook', async () => {
    const server = create()
    const stops: Promise<void>[] = []
    let runs = 0
    server.bindHandler('/bye', () => {
      stops.push(server.stop())
      return 'bye'
    })
    server.registerShutdownHook(async () => {
      runs++
      await server.stop()
    })
    await server.start()
    expect((await sendToPort(portOf(server))('/bye')).text).to.equal('bye')
    await inTime(Promise.all(stops), 'it has stopped')
    expect(server.state).to.equal('stopped')
    expect(runs).to.equal(1)
  })

  it('stop while it starts ends in stopped', async () => {
    const server = create()
    const starting = server.start().catch(() => undefined)
    await inTime(server.stop(), 'it has stopped')
    await inTime(starting, 'start has ended')
    expect(server.state).to.equal('stopped')
  })

  it('stop does not wait for idle connections', async () => {
    const server = create()
    server.bindHandler('/', () => 'hello')
    await server.start()
    const agent = new http.Agent({ keepAlive: true })
    await new Promise((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port: portOf(server), agent }, (incoming) => {
          incoming.resume().on('end', resolve)
        })
        .on('error', reject)
    })
    const began = Date.now()
    await server.stop()
    expect(Date.now() - began).to.be.lessThan(2000)
    agent.destroy()
  })
})
