import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { Server } from 'tribind'
import { AppProcess } from './app-process.ts'
import { collectingLogger, inTime, openRaw, until } from './both-ways.ts'
import { upgradeHead } from './websocket-client.ts'

const clean = { code: 0, signal: null, stderr: '' }
const uploadHead = 'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n'

/** Asks over one kept connection, again and again, until the server ends it; gives what each answer came to. */
async function askOnAndOn(port: number): Promise<{ answers: string[]; end: string }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const answers: string[] = []
  try {
    for (;;) {
      const request = http.get({ port, host: '127.0.0.1', path: '/quick', agent })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      answers.push(`${response.statusCode} ${await text(response)}`)
      if (response.headers.connection === 'close') return { answers, end: 'told' }
    }
  } catch (error) {
    return { answers, end: String((error as NodeJS.ErrnoException).code) }
  } finally {
    agent.destroy()
  }
}

describe('server: signals', function () {
  this.timeout(40_000)
  afterEach(() => AppProcess.killAll())

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} under load loses no request that was accepted, and ends with code 0`, async () => {
      const app = new AppProcess('plain')
      const { port = 0 } = await app.hasTold('ready')
      const uploads = await Promise.all([1, 2, 3].map(() => openRaw(port, `${uploadHead}abc`)))
      const idle = await openRaw(port, 'GET /quick HTTP/1.1\r\nHost: a\r\n\r\n')
      await until(() => idle.received().endsWith('quick'), 'it is answered')
      const silent = await openRaw(port, '')
      const asking = Array.from({ length: 20 }, () => askOnAndOn(port))
      await app.hasTold('request', 500)
      // Stopped until each client waits for its next answer, so that the signal comes together with requests.
      app.signal('SIGSTOP')
      await delay(100)
      app.signal(signal)
      app.signal('SIGCONT')
      const asked = await inTime(Promise.all(asking), 'all are told to go', 10_000)
      await inTime(Promise.all([idle.closed, silent.closed]), 'idle ones are closed', 10_000)
      const latecomer = net.connect(port, '127.0.0.1')
      expect((await once(latecomer, 'error'))[0]).to.have.property('code', 'ECONNREFUSED')
      for (const { socket, received } of uploads) {
        expect(received()).to.equal('')
        socket.write('def')
      }
      await Promise.all(uploads.map(({ closed }) => closed))
      for (const { received } of uploads) expect(received()).to.match(/\r\nConnection: close\r\n[^]*\r\n6$/)
      expect(await app.end()).to.deep.equal(clean)
      const answers = asked.flatMap((one) => one.answers)
      expect(answers.filter((answer) => answer !== '200 quick')).to.deep.equal([])
      expect(app.count('request')).to.equal(answers.length + uploads.length + 1)
      expect(asked.map(({ end }) => end)).to.include('told')
      expect(app.told.filter(({ event }) => event === 'log')).to.deep.equal([])
      expect(app.told.at(-1)).to.deep.equal({ event: 'over', listeners: 0 })
    })
  }

  it('cuts what has not ended within stopTimeout, tells how many that were, and ends with code 0', async () => {
    const app = new AppProcess('impatient')
    const { port = 0 } = await app.hasTold('ready')
    const upload = await openRaw(port, `${uploadHead}abc`)
    const webSocket = await openRaw(port, upgradeHead('/socket'))
    await until(() => webSocket.received().includes(' 101 '), 'it is open')
    await app.hasTold('request', 2)
    app.signal('SIGTERM')
    await Promise.all([upload.closed, webSocket.closed])
    expect(await app.end()).to.deep.equal(clean)
    expect(app.told.flatMap(({ log }) => log ?? [])).to.deep.equal([
      {
        level: 'warn',
        message: "Closed 2 connections that hadn't ended within stopTimeout",
        fields: { connections: 2, address: `127.0.0.1:${port}`, entryPoint: 'default' },
      },
    ])
  })

  for (const [second, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`a second one during the stop, ${second}, ends the process at once with ${code}`, async () => {
      const app = new AppProcess('plain')
      const { port = 0 } = await app.hasTold('ready')
      const upload = await openRaw(port, `${uploadHead}abc`)
      const idle = await openRaw(port, '')
      await app.hasTold('request')
      app.signal('SIGTERM')
      await idle.closed
      app.signal(second)
      expect(await inTime(app.end(), 'it has ended', 10_000)).to.include({ code, signal: null })
      await upload.closed
      expect(app.count('over')).to.equal(0)
    })
  }

  it('end with code 0 although a shutdown hook fails, which is logged', async () => {
    const app = new AppProcess('failing shutdown hook')
    await app.hasTold('ready')
    app.signal('SIGTERM')
    expect(await app.end()).to.deep.equal(clean)
    expect(app.told.flatMap(({ log }) => log?.message ?? [])).to.deep.equal(['A shutdown hook failed'])
  })

  it('stop a server that is in a startup hook: no further one runs, and the code is 0', async () => {
    const app = new AppProcess('startup hook')
    await app.hasTold('hook')
    app.signal('SIGTERM')
    expect(await app.end()).to.deep.equal(clean)
    expect(app.told.map(({ event }) => event)).to.deep.equal(['hook', 'over'])
  })

  it('stop a server that is preparing: no startup hook runs, and the code is 0', async () => {
    const app = new AppProcess('preparing')
    expect(await app.end()).to.deep.equal(clean)
    expect(app.told).to.deep.equal([{ event: 'over', listeners: 0 }])
  })

  it('stop all servers of the process', async () => {
    const app = new AppProcess('two servers')
    await app.hasTold('ready')
    app.signal('SIGINT')
    expect(await app.end()).to.deep.equal(clean)
    expect(app.told.at(-1)).to.deep.equal({ event: 'over', listeners: 0 })
  })

  it('are listened to once for all servers, from the first that registers to the end of the last', async () => {
    const count = () => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]
    const before = count()
    const during = before.map((listeners) => listeners + 1)
    const servers = [1, 2, 3].map(() => new Server({ port: 0, logger: collectingLogger() }))
    const [first, second, unstarted] = servers as [Server, Server, Server]
    for (const server of [first, first, second, unstarted]) {
      server.registerSignalHook()
      expect(count()).to.deep.equal(during)
    }
    await Promise.all([first.start(), second.start()])
    await first.stop()
    await unstarted.stop()
    expect(count()).to.deep.equal(during)
    await second.stop()
    expect(count()).to.deep.equal(before)
    first.registerSignalHook()
    expect(count()).to.deep.equal(before)
  })

  it('are no longer listened to when listening failed', async () => {
    const before = process.listenerCount('SIGTERM')
    const server = new Server({ address: '203.0.113.7:0' })
    server.registerSignalHook()
    await server.start().catch(() => {})
    expect([server.state, process.listenerCount('SIGTERM')]).to.deep.equal(['stopped', before])
  })
})
