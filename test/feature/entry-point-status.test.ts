import net from 'node:net'
import { expect } from 'chai'
import { Server } from 'tribind'
import { collectingLogger, type Entry, rejected } from './both-ways.ts'
import { ask, create, local, messages, start, stopAll } from './entry-point-world.ts'

const serversListening = () =>
  (process as unknown as { _getActiveHandles(): unknown[] })
    ._getActiveHandles()
    .filter((handle): handle is net.Server => handle instanceof net.Server)

describe('the status of an entry point', () => {
  afterEach(stopAll)

  it('is running when it is made, with its time in seconds and its first event', () => {
    const before = Math.floor(Date.now() / 1000)
    const status = create({ entryPoints: { web: local } })
      .entryPoint('web')
      .status()
    const { createTime } = status
    expect(createTime).to.be.within(before, Date.now() / 1000)
    const events = [{ time: createTime, msg: 'service web is running' }]
    expect(status).to.deep.equal({ createTime, state: 'running', events })
  })

  it('is ready when it serves, and tells each address', async () => {
    const server = await start({ entryPoints: { web: `${local}, ${local}` } })
    const [first, second] = server.entryPoint('web').addresses
    expect(server.entryPoint('web').status().state).to.equal('ready')
    expect(messages(server, 'web')).to.deep.equal([
      'service web is running',
      'service web is ready',
      `service web is listening on ${first}`,
      `service web is listening on ${second}`,
    ])
  })

  it('is closed after a stop, and after a stop without a start', async () => {
    const server = await start({ entryPoints: { web: local } })
    await server.stop()
    expect(server.entryPoint('web').status().state).to.equal('closed')
    expect(messages(server, 'web').at(-1)).to.equal('service web is closed')
    const other = create({ entryPoints: { web: local } })
    await other.stop()
    expect(messages(other, 'web')).to.deep.equal(['service web is running', 'service web is closed'])
  })

  it('is failed for what could not listen, and closed for what came up', async () => {
    const taken = await start({ port: 0 })
    const [address] = taken.addresses
    const server = create({ entryPoints: { web: local, bad: String(address), ops: local } })
    const error = await rejected(server.start())
    expect(error).to.include({ name: 'ListenError' })
    const { state, lastError, events } = server.entryPoint('bad').status()
    expect([state, lastError]).to.deep.equal(['failed', error.message])
    expect(events.at(-1)?.msg).to.equal(`service bad is failed: ${error.message}`)
    expect(server.entryPoint('web').status().state).to.equal('closed')
    expect(messages(server, 'web').slice(1, 2)).to.deep.equal(['service web is ready'])
    expect([server.state, server.addresses]).to.deep.equal(['stopped', []])
  })

  it('stays failed when the server is stopped', async () => {
    const taken = await start({ port: 0 })
    const server = create({ entryPoints: { bad: String(taken.addresses[0]) } })
    await rejected(server.start())
    await server.stop()
    expect(server.entryPoint('bad').status().state).to.equal('failed')
  })

  it('is failed after an error of the listener, and ready again when a connection is accepted', async () => {
    const log: Entry[] = []
    const others = serversListening()
    const server = create({ entryPoints: { web: local } }, log)
    server.get('/', () => 'hello')
    await server.start()
    const listener = serversListening().find((handle) => !others.includes(handle))
    listener?.emit('error', new Error('accept EMFILE'))
    const { state, lastError } = server.entryPoint('web').status()
    expect([state, lastError]).to.deep.equal(['failed', 'accept EMFILE'])
    expect(log.find(({ level }) => level === 'error')?.message).to.equal(`Entry point "web" can't accept a connection`)
    expect(await ask(server, 'web')).to.equal('hello')
    expect(server.entryPoint('web').status().state).to.equal('ready')
    expect(messages(server, 'web').slice(-2)).to.deep.equal([
      'service web is failed: accept EMFILE',
      'service web is ready',
    ])
  })

  it('is a copy', async () => {
    const server = await start({ entryPoints: { web: { address: local, labels: { zone: 'a' } } } })
    const web = server.entryPoint('web')
    const status = web.status() as unknown as {
      state: string
      events: { msg: string }[]
      labels: Record<string, string>
    }
    status.state = 'gone'
    status.events.length = 1
    status.labels['zone'] = 'b'
    ;(status.events[0] as { msg: string }).msg = 'nothing'
    expect(web.status()).to.deep.include({ state: 'ready', labels: { zone: 'a' } })
    expect(messages(server, 'web')[0]).to.equal('service web is running')
  })

  it('keeps the 20 latest events', async () => {
    const server = await start({ port: 0, entryPoints: { web: local } })
    for (let i = 0; i < 10; i++) {
      await server.closeEntryPoint('web')
      await server.openEntryPoint('web', local)
    }
    const all = messages(server, 'web')
    expect(all).to.have.length(20)
    expect(all).to.not.include('service web is running')
    expect(all.at(-1)).to.equal(`service web is listening on ${server.entryPoint('web').addresses[0]}`)
  })

  it('is that of default too', async () => {
    const server = new Server({ port: 0, logger: collectingLogger() })
    await server.start()
    await server.stop()
    expect(server.entryPoint('default').status().state).to.equal('closed')
  })
})
