import { X509Certificate } from 'node:crypto'
import { copyFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { Agent, get, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectSecurely } from 'node:tls'
import { expect } from 'chai'
import { keepConnecting } from '../feature/keep-connecting.ts'
import { cert, files, otherCert, otherFiles } from '../feature/key-pair.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { freePorts, ServicesProcess } from './services-process.ts'
import { tribind as runTribind } from './tribind.ts'

const TOKEN = 'a-token-of-the-test'

const app = `export function register(server) {
  server.bindHandler('/', () => 'app')
  server.bindHandler('/slow', () => new Promise((resolve) => setTimeout(() => resolve('slow'), 400)))
  server.registerShutdownHook(() => console.log('app is down'))
}`

/** Answers a line with its name, and the line. */
async function echo(name: string): Promise<Server> {
  const server = createServer((socket) =>
    socket.on('data', (data) => socket.write(`${name}:${data.toString()}`)).on('error', () => {}),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function ask(port: number, line: string, socket: Socket = connect(port, '127.0.0.1')): Promise<string> {
  socket.write(line)
  const [data] = (await once(socket, 'data')) as [Buffer]
  return String(data)
}

describe('SIGHUP', () => {
  const folder = temporaryFolder({
    'app.mjs': app,
    'empty.mjs': '',
    'broken.mjs': 'throw new Error("boo")',
    'other.mjs': app.replace("'app'", "'other'"),
  })
  const file = join(folder, 'services.json')
  const agent = new Agent({ keepAlive: true })
  let tribind: ServicesProcess
  let one: Server
  let two: Server
  let web = 0
  let tunnel = 0
  let api = 0
  let late = 0
  let model: ReturnType<typeof first>

  const first = () => ({
    services: [
      { name: 'web', addr: `127.0.0.1:${web}`, handler: { type: 'app', metadata: { module: 'app.mjs' } } as object },
      {
        name: 'tunnel',
        addr: `127.0.0.1:${tunnel}`,
        handler: { type: 'tcp', chain: 'out' } as object,
        forwarder: { nodes: [{ addr: `127.0.0.1:${portOf(one)}` }, { addr: `127.0.0.1:${portOf(two)}` }] },
        metadata: { enableStats: true },
      },
    ] as Record<string, unknown>[],
    chains: [{ name: 'out', hops: [{ name: 'direct' }] }],
    hops: [
      { name: 'direct', nodes: [{ name: 'here', connector: { type: 'virtual' }, dialer: { type: 'virtual' } }] },
    ] as object[],
    api: { addr: `127.0.0.1:${api}`, auth: { token: TOKEN } },
  })
  const write = (value: unknown = model) =>
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  const stats = async (name: string) => {
    const response = await fetch(`http://127.0.0.1:${api}/config/services/${name}`, {
      headers: { Authorization: `Bearer ${TOKEN}` },
    })
    return ((await response.json()) as { data: { status: { stats: { totalConns: number } } } }).data.status.stats
  }
  const fetchText = async (port: number, path = '/') => {
    const request = get({ port, path, agent })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return { body: await text(response), isReused: request.reusedSocket }
  }

  /** Over a connection of its own. */
  const freshly = async (port: number) => {
    const [response] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage]
    return text(response)
  }

  before(async () => {
    ;[web = 0, tunnel = 0, api = 0, late = 0] = await freePorts(4)
    ;[one, two] = await Promise.all([echo('one'), echo('two')])
    model = first()
    write()
    tribind = await new ServicesProcess(['-C', file]).listening(2)
  })
  after(async () => {
    agent.destroy()
    tribind.child.kill('SIGKILL')
    await tribind.ended
    one.close()
    two.close()
  })

  it('leaves what is the same as it is: connections, statistics, the turns of nodes', async () => {
    const open = connect(tunnel, '127.0.0.1')
    expect(await ask(tunnel, 'a', open)).to.equal('one:a')
    expect((await fetchText(web)).body).to.equal('app')
    write()
    expect(await tribind.reload()).to.include('"opened":[],"replaced":[],"closed":[]')
    expect(await ask(tunnel, 'b', open)).to.equal('one:b')
    expect(await fetchText(web)).to.deep.equal({ body: 'app', isReused: true })
    const next = connect(tunnel, '127.0.0.1')
    expect(await ask(tunnel, 'c', next)).to.equal('two:c')
    open.destroy()
    next.destroy()
    expect((await stats('tunnel')).totalConns).to.equal(2)
  })

  it('opens what is new, replaces what has changed, and closes what is gone', async () => {
    model.services.push({
      name: 'late',
      addr: `127.0.0.1:${late}`,
      handler: { type: 'app', metadata: { module: 'other.mjs' } },
    })
    write()
    expect(await tribind.reload()).to.include('"opened":["late"],"replaced":[],"closed":[]')
    expect((await fetchText(late)).body).to.equal('other')
    model.services.pop()
    write()
    expect(await tribind.reload()).to.include('"opened":[],"replaced":[],"closed":["late"]')
    await tribind.line('app is down')
    expect(await fetch(`http://127.0.0.1:${late}`).catch(() => 'refused')).to.equal('refused')
    expect(await fetchText(web)).to.deep.equal({ body: 'app', isReused: true })
  })

  it('replaces at the same address without refusing a client, or cutting a request', async () => {
    const clients = keepConnecting(web)
    const slow = fetchText(web, '/slow')
    model.services[0] = { ...model.services[0], handler: { type: 'app', metadata: { module: 'other.mjs' } } }
    write()
    expect(await tribind.reload()).to.include('"replaced":["web"]')
    expect((await slow).body).to.equal('slow')
    expect(await freshly(web)).to.equal('other')
    expect(await clients.end()).to.deep.equal([])
    expect(clients.answered()).to.be.above(0)
    await tribind.line('app is down')
  })

  it('lets a chain that has changed reach those that go through it, and no others', async () => {
    const before = await stats('tunnel')
    model.hops = [{ name: 'direct', nodes: [{ addr: '127.0.0.1:1', connector: { type: 'http' } }] }]
    write()
    expect(await tribind.reload()).to.include('"opened":[],"replaced":["tunnel"],"closed":[]')
    const socket = connect(tunnel, '127.0.0.1')
    await new Promise((resolve) =>
      socket
        .resume()
        .on('error', () => {})
        .on('close', resolve),
    )
    expect((await stats('tunnel')).totalConns).to.equal(before.totalConns + 1)
    model = { ...first(), services: [model.services[0] as object, ...first().services.slice(1)] as never }
    write()
    await tribind.reload()
    expect(await ask(tunnel, 'd')).to.match(/^(one|two):d$/)
  })

  it('changes nothing by a file that is bad, and says all that is wrong', async () => {
    for (const bad of ['', '{}', '{ "services": [ }', { ...model, servces: [] }]) {
      write(bad)
      expect(await tribind.reload(), JSON.stringify(bad)).to.include('SIGHUP has changed nothing')
    }
    const wrong = (name: string, module: string) => {
      return { name, addr: '127.0.0.1:0', handler: { type: 'app', metadata: { module } } }
    }
    write({ ...model, services: [...model.services, wrong('a', 'broken.mjs'), wrong('b', 'empty.mjs')] })
    const said = await tribind.reload()
    expect(said).to.include('service \\"a\\"').and.include('broken.mjs').and.include('boo')
    expect(said).to.include('service \\"b\\"').and.include('exports nothing')
    expect((await fetchText(web)).body).to.equal('other')
  })

  it('changes nothing where a service cannot listen', async () => {
    const taken = createHttpServer()
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    const { port } = taken.address() as AddressInfo
    const handler = { type: 'app', metadata: { module: 'app.mjs' } }
    write({
      ...model,
      services: [
        { ...model.services[0], handler },
        { name: 'fine', addr: `127.0.0.1:${late}`, handler },
        { name: 'taken', addr: `127.0.0.1:${port}`, handler },
      ],
    })
    const said = await tribind.reload()
    expect(said)
      .to.include('SIGHUP has changed nothing')
      .and.include('service \\"taken\\"')
      .and.include(`127.0.0.1:${port}`)
    taken.close()
    expect((await fetchText(web)).body).to.equal('other')
    expect(await fetch(`http://127.0.0.1:${late}`).catch(() => 'refused')).to.equal('refused')
    expect(await ask(tunnel, 'e')).to.match(/:e$/)
  })

  it('changes nothing where a command fails on which a new service depends', async () => {
    const preUp = { run: ['sh', '-c', 'exit 3'], onFailure: 'abort' }
    write({
      ...model,
      services: [
        ...model.services,
        { name: 'guarded', addr: `127.0.0.1:${late}`, handler: { type: 'http' }, metadata: { preUp } },
      ],
    })
    expect(await tribind.reload())
      .to.include('SIGHUP has changed nothing')
      .and.match(/service \\"guarded\\".*preUp.*exit code 3/)
    expect(await freshly(late).catch(({ code }: NodeJS.ErrnoException) => code)).to.equal('ECONNREFUSED')
    write({ services: [{ name: 'guarded', addr: '127.0.0.1:0', handler: { type: 'http' }, metadata: { preUp } }] })
    const { code, stderr } = await runTribind(['-C', file])
    expect(code).to.equal(1)
    expect(stderr).to.match(/^tribind: .*service "guarded".*preUp.*exit code 3/m)
  })

  it('serves a certificate that was renewed', async () => {
    const renew = (pair: typeof files) => {
      copyFileSync(pair.cert, join(folder, 'cert.pem'))
      copyFileSync(pair.key, join(folder, 'key.pem'))
    }
    const shown = async () => {
      const socket = connectSecurely({ port: late, host: '127.0.0.1', rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      const certificate = socket.getPeerX509Certificate()
      socket.destroy()
      return certificate?.fingerprint256
    }
    const listener = { type: 'tls', tls: { certFile: 'cert.pem', keyFile: 'key.pem' } }
    renew(files)
    const secure = { name: 'secure', addr: `127.0.0.1:${late}`, handler: { type: 'http' }, listener }
    write({ ...model, services: [...model.services, secure] })
    await tribind.reload()
    expect(await shown()).to.equal(new X509Certificate(cert).fingerprint256)
    renew(otherFiles)
    expect(await tribind.reload()).to.include('"replaced":["secure"]')
    expect(await shown()).to.equal(new X509Certificate(otherCert).fingerprint256)
    write()
    expect(await tribind.reload()).to.include('"closed":["secure"]')
  })

  it('passes an address from one service to another, under another name or wider', async () => {
    model.services[0] = { ...model.services[0], name: 'renamed', addr: `:${web}` }
    write()
    expect(await tribind.reload()).to.include('"opened":["renamed"],"replaced":[],"closed":["web"]')
    expect(await freshly(web)).to.equal('other')
    model.services[0] = { ...model.services[0], addr: `127.0.0.1:${web}` }
    write()
    expect(await tribind.reload()).to.include('"replaced":["renamed"]')
    expect(await freshly(web)).to.equal('other')
  })

  it('takes the last of several, and stops gracefully', async () => {
    for (let i = 0; i < 5; i++) {
      write({
        ...model,
        services: [...model.services, { name: `n${i}`, addr: `127.0.0.1:${late}`, handler: { type: 'http' } }],
      })
      tribind.child.kill('SIGHUP')
    }
    await tribind.line('"opened":["n4"]')
    const slow = fetchText(web, '/slow')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await tribind.stop()).to.equal(0)
    expect((await slow).body).to.equal('slow')
  })
})
