import { once } from 'node:events'
import { createServer as createHttpServer, get, type IncomingMessage } from 'node:http'
import http2 from 'node:http2'
import { get as getSecure } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { json, text } from 'node:stream/consumers'
import { expect } from 'chai'
import { connect as openWebSocket } from '../feature/websocket-client.ts'
import { cert, files } from '../feature/key-pair.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { freePorts, ServicesProcess } from './services-process.ts'
import { tribind as runTribind } from './tribind.ts'

const app = `import { Server } from 'tribind'
const server = new Server({ trustProxy: '127.0.0.1', maxBodySize: 4_000_000 })
let isReady = false
server.registerStartupHook(async () => {
  await new Promise((resolve) => setTimeout(resolve, 200))
  isReady = true
})
server.install({ name: 'part', start: () => console.log('part is up'), stop: () => console.log('part is down') })
server.bindHandler('/', (request) => [isReady, request.ip, request.protocol, request.host].join(' '))
server.bindHandler('POST:/size', async (request) => (await request.bytes()).length + '')
server.bindHandler('/events', (request) => {
  const events = request.response.sse()
  void events.send({ data: 'first' })
})
server.bindWebSocket('/ws', (socket) => socket.on('message', (data) => socket.send('got ' + data)))
server.entryPoint('default').bindHandler('/nowhere', () => 'never')
export default server
`

const TOKEN = 'a-token-of-the-test'

function temporaryFile(folder: string, content: string, ending = 'yaml'): string {
  const file = join(folder, `services.${ending}`)
  writeFileSync(file, content)
  return file
}

interface Events {
  readonly events: readonly {
    readonly service: string
    readonly type: string
    readonly status?: { readonly state: string }
    readonly stats?: Record<string, number>
  }[]
}

describe('tribind -C', () => {
  const repository = new URL('../../', import.meta.url).pathname
  const folder = temporaryFolder({ 'app.mjs': app, 'node_modules/tribind': { to: repository } })
  const told: Events['events'][number][] = []
  let tribind: ServicesProcess
  let receiver: Server
  let upstreams: Server[]
  let ports: Record<'web' | 'secure' | 'proxy' | 'socks' | 'balanced' | 'api', number>

  const upstream = async (name: string) => {
    const server = createHttpServer((request, response) =>
      response.end(`${name} ${request.url ?? ''} ${request.headers.host ?? ''}`),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return server
  }
  const portOf = (server: Server | undefined) => (server?.address() as AddressInfo | undefined)?.port

  before(async () => {
    const [web = 0, secure = 0, proxy = 0, socks = 0, balanced = 0, api = 0] = await freePorts(6)
    ports = { web, secure, proxy, socks, balanced, api }
    upstreams = await Promise.all([upstream('one'), upstream('two')])
    receiver = createHttpServer((request, response) => {
      void json(request).then((body) => {
        told.push(...(body as Events).events)
        response.end('{"ok":true}')
      })
    })
    await once(receiver.listen(0, '127.0.0.1'), 'listening')
    const [one, two] = upstreams.map((server) => `127.0.0.1:${portOf(server)}`)
    const tls = `{ type: tls, tls: { certFile: "${files.cert}", keyFile: "${files.key}" } }`
    const yaml = `
services:
  - name: web
    addr: "127.0.0.1:${web}"
    handler: { type: app, metadata: { module: app.mjs } }
    observer: me
    metadata: { enableStats: "true", observer.period: 1s, observer.resetTraffic: "true", preUp: "node -p 'process.env.TRIBIND_EVENT + 1'", postDown: [ "node -p 'process.env.TRIBIND_EVENT + 2'" ] }
  - { name: secure, addr: "127.0.0.1:${secure}", handler: { type: app, metadata: { module: app.mjs } }, listener: ${tls} }
  - { name: proxy, addr: "127.0.0.1:${proxy}", handler: { type: http, auth: { username: me, password: secret } } }
  - { name: socks, addr: "127.0.0.1:${socks}", handler: { type: socks5, chain: out } }
  - name: balanced
    addr: "127.0.0.1:${balanced}"
    handler: { type: forward, chain: gone }
    metadata: { ignoreChain: true, interface: 127.0.0.1 }
    forwarder: { selector: { strategy: fifo, maxFails: "1" }, nodes: [ { name: dead, addr: "http://127.0.0.1:1" }, { addr: "http://${one ?? ''}" }, { addr: "http://${two ?? ''}" } ] }
chains:
  - { name: out, hops: [ { name: hop-0, nodes: [ { name: me, addr: ":${proxy}", connector: { type: http, auth: { username: me, password: secret } } } ] } ] }
  - { name: gone, hops: [ { name: hop-0, nodes: [ { name: x, addr: "127.0.0.1:1" } ] } ] }
observers:
  - { name: me, plugin: { type: http, addr: "http://127.0.0.1:${portOf(receiver)}/told", token: abc, timeout: 2s } }
api: { addr: "127.0.0.1:${api}", auth: ${TOKEN}, pathPrefix: /admin }
`
    tribind = new ServicesProcess(['-C', temporaryFile(folder, yaml)])
    await tribind.listening(5)
  })
  after(async () => {
    tribind.child.kill('SIGKILL')
    await tribind.ended
    for (const server of [receiver, ...upstreams]) server.close()
  })

  it('starts the application before there is a service for its requests', async () => {
    expect(tribind.output).to.match(/part is up\n[^]*preUp1[^]*Listening on http:[^]*Listening on https:/)
    expect(await (await fetch(`http://127.0.0.1:${ports.web}/`)).text()).to.equal('true 127.0.0.1 http 127.0.0.1')
    const { status } = await fetch(`http://127.0.0.1:${ports.web}/nowhere`)
    expect(status).to.equal(404)
  })

  it('serves it as its server does: trusted proxies, limits, uploads, HTTP/2, event streams', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https' }
    const trusted = await fetch(`http://127.0.0.1:${ports.web}/`, { headers })
    expect(await trusted.text()).to.equal('true 192.0.2.7 https 127.0.0.1')
    const size = async (length: number) => {
      const response = await fetch(`http://127.0.0.1:${ports.web}/size`, { method: 'POST', body: Buffer.alloc(length) })
      return response.status === 200 ? Number(await response.text()) : response.status
    }
    expect(await Promise.all([size(3_000_000), size(5_000_000)])).to.deep.equal([3_000_000, 413])
    const session = http2.connect(`https://localhost:${ports.secure}`, { ca: cert })
    const body = await text(session.request({ ':path': '/' }))
    session.close()
    expect(body).to.match(/^true 127\.0\.0\.1 https localhost/)
    const [response] = (await once(getSecure({ port: ports.secure, host: 'localhost', ca: cert }), 'response')) as [
      IncomingMessage,
    ]
    expect(await text(response)).to.equal('true 127.0.0.1 https localhost')
  })

  it('lets in the clients of a proxy by their password, also through a chain', async () => {
    const target = `http://127.0.0.1:${portOf(upstreams[0])}/x`
    const through = async (auth?: string) => {
      const request = get({
        port: ports.proxy,
        path: target,
        headers: { Host: 'up', ...(auth !== undefined && { 'Proxy-Authorization': `Basic ${btoa(auth)}` }) },
      })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      return [response.statusCode, await text(response)]
    }
    expect(await through('me:secret')).to.deep.equal([200, `one /x 127.0.0.1:${portOf(upstreams[0])}`])
    expect((await through())[0]).to.equal(407)
    const { stdout } = await promisify(execFile)('curl', ['-s', '-x', `socks5h://127.0.0.1:${ports.socks}`, target])
    expect(stdout).to.match(/^one \/x /)
  })

  it('forwards by the selector, and past the chain that is ignored', async () => {
    const ask = async () => (await fetch(`http://127.0.0.1:${ports.balanced}/y`)).text()
    expect([await ask(), await ask()]).to.deep.equal([
      `one /y 127.0.0.1:${ports.balanced}`,
      `one /y 127.0.0.1:${ports.balanced}`,
    ])
  })

  it('tells its observers, and shows its services to the administration', async () => {
    const until = performance.now() + 20_000
    const stats = () => told.filter(({ type }) => type === 'stats')
    while (stats().length === 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(told.filter(({ type }) => type === 'status').map(({ status }) => status?.state)).to.include.members([
      'running',
      'ready',
    ])
    expect(stats()[0]?.service).to.equal('web')
    const response = await fetch(`http://127.0.0.1:${ports.api}/admin/config/services`, {
      headers: { Authorization: `Bearer ${TOKEN}` },
    })
    const { data } = (await response.json()) as { data: { list: { name: string; handler: { type: string } }[] } }
    const types = data.list.map(({ name, handler }) => `${name}: ${handler.type}`)
    expect(types).to.deep.equal([
      'web: app',
      'secure: app',
      'proxy: http-proxy',
      'socks: socks5-proxy',
      'balanced: forward',
    ])
    expect((await fetch(`http://127.0.0.1:${ports.api}/admin/config/services`)).status).to.equal(401)
  })

  it('stops gracefully: WebSockets are told, event streams end, and then the application', async () => {
    const client = await openWebSocket(ports.web, '/ws')
    client.socket.send('a')
    await once(client.socket, 'message')
    expect(client.messages).to.deep.equal(['got a'])
    const [events] = (await once(get({ port: ports.web, path: '/events' }), 'response')) as [IncomingMessage]
    const streamed = text(events)
    expect(await tribind.stop()).to.equal(0)
    expect((await client.closed)[0]).to.equal(1001)
    expect(await streamed).to.include('data: first')
    expect(tribind.output).to.match(/postDown2[^]*part is down/)
    expect(told.at(-1)?.status?.state ?? told.at(-2)?.status?.state).to.equal('closed')
  })

  it('says what is wrong with an application, with service, file and path, and ends with 1', async () => {
    const broken = temporaryFolder({
      'throws.mjs': 'throw new TypeError("no luck")',
      'script.mjs': `import { Server } from 'tribind'\nawait new Server({ port: 0 }).run()`,
      'nothing.mjs': 'export const a = 1',
      'starts.mjs':
        'export function register(server) { server.registerStartupHook(() => { throw new Error("not today") }) }',
      'node_modules/tribind': { to: repository },
    })
    const service = (module: string) => ({
      name: module,
      addr: '127.0.0.1:0',
      handler: { type: 'app', metadata: { module } },
    })
    const file = temporaryFile(
      broken,
      JSON.stringify({ services: ['throws.mjs', 'script.mjs', 'nothing.mjs'].map(service) }),
      'json',
    )
    const { code, stderr } = await runTribind(['-C', file])
    expect(code).to.equal(1)
    expect(stderr.trimEnd().split('\n')).to.have.length(3)
    expect(stderr)
      .to.include(file)
      .and.include('services')
      .and.match(/"throws\.mjs".*TypeError: no luck/)
    expect(stderr)
      .to.match(/"script\.mjs".*starts a server itself/)
      .and.match(/"nothing\.mjs".*exports a: it must export register/)
    const failing = await runTribind(['-L', 'app://127.0.0.1:0?module=starts.mjs'], broken)
    expect(failing.code).to.equal(1)
    expect(failing.stderr).to.match(/^tribind: .*starts\.mjs fails to start: not today$/m)
  })

  it('says which service finds its address taken', async () => {
    const port = portOf(upstreams[0])
    const { code, stderr } = await runTribind(['-L', `tcp://127.0.0.1:0/127.0.0.1:1`, '-L', `http://127.0.0.1:${port}`])
    expect(code).to.equal(1)
    expect(stderr.split('\n').find((line) => line.startsWith('tribind:'))).to.match(
      new RegExp(`^tribind: -L http://127\\.0\\.0\\.1:${port}: service "service-1": .*${port}`),
    )
  })
})
