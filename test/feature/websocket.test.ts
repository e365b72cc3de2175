import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { expect } from 'chai'
import { type Domain, Server, type WebSocket } from 'tribind'
import { callUntyped, overHttp1, portOf, rawExchange, thrownBy, turns, until } from './both-ways.ts'
import { connect, upgradeHead } from './websocket-client.ts'

/** Everybody in a room hears what is said there. */
function chat(server: Server) {
  const rooms = new Map<string, Set<WebSocket>>()
  server.bindWebSocket('/chat/:room', (socket, { params }) => {
    const members = rooms.get(params.room) ?? new Set()
    rooms.set(params.room, members.add(socket))
    socket.on('close', () => members.delete(socket))
    socket.on('message', (data: Buffer) => {
      for (const member of members) member.send(`${params.room}: ${data.toString()}`)
    })
  })
  return rooms
}

describe('WebSockets by pattern', () => {
  overHttp1(
    'have the params of their pattern, and keep many interleaved rooms apart',
    chat,
    async (_send, rooms, { port }) => {
      const names = Array.from({ length: 12 }, (_, i) => `room ${i}/é`)
      const clients = await Promise.all(
        [...names, ...names].map((name) => connect(port, `/chat/${encodeURIComponent(name)}`)),
      )
      for (let i = 0; i < 10; i++) for (const [n, { socket }] of clients.entries()) socket.send(`${n} says ${i}`)
      for (const { messages } of clients) await until(() => messages.length === 20, 'all is heard')
      for (const [n, { messages }] of clients.entries()) {
        const other = (n + names.length) % clients.length
        const name = names[n % names.length]
        for (const who of [n, other])
          expect(messages.filter((text) => text.startsWith(`${name}: ${who} says `))).to.deep.equal(
            Array.from({ length: 10 }, (_, i) => `${name}: ${who} says ${i}`),
          )
      }
      for (const { socket } of clients) socket.close(4000)
      await until(() => [...rooms.values()].every((members) => members.size === 0), 'all have left')
    },
  )

  overHttp1(
    'are found by host, prefix and precedence like any route',
    (server) => {
      const bind = (to: Server | Domain, pattern: string, name: string) =>
        to.bindWebSocket(pattern, (socket, request) =>
          socket.send(`${name} ${request.route} ${JSON.stringify(request.params)}`),
        )
      bind(server, '/a/:x', 'any host')
      bind(server, '/a/b', 'exact')
      bind(server.domain('a.com'), '/a/:y', 'domain')
      bind(server, '/a/:z@*.b.com', 'wildcard')
      server.group('/g/:id', (group) =>
        group.group('/h').bindWebSocket('/{x}.ws', (socket, { params }) => socket.send(`${params.id} ${params.x}`)),
      )
    },
    async (_send, _world, { port }) => {
      const ask = async (path: string, host = 'localhost') => {
        const { socket, messages } = await connect(port, path, { headers: { host } })
        await until(() => messages.length > 0, 'it has answered')
        socket.close()
        return messages[0]
      }
      expect(await ask('/a/1')).to.equal('any host /a/:x {"x":"1"}')
      expect(await ask('//a/%62/?q=1')).to.equal('exact /a/b {}')
      expect(await ask('/a/1', 'A.com:80')).to.equal('domain /a/:y {"y":"1"}')
      expect(await ask('/a/1', 'x.b.com')).to.equal('wildcard /a/:z {"z":"1"}')
      expect(await ask('/g/7/h/8.ws')).to.equal('7 8')
    },
  )

  it('belong to a host under strictDomains as its pages do', async () => {
    const server = new Server({ port: 0, strictDomains: true })
    server.domain('a.com').get('/page', () => 'page')
    server.domain('b.com').bindWebSocket('/own', (socket) => socket.close())
    server.get('/page', () => 'any page')
    server.bindWebSocket('/ws', (socket) => socket.close())
    await server.start()
    try {
      const ask = async (host: string) =>
        (await rawExchange(portOf(server), upgradeHead('/ws', { Host: host, Connection: 'Upgrade' }))).slice(9, 12)
      const status = async (host: string) => (await server.inject({ url: '/page', headers: { host } })).status
      expect([await ask('a.com'), await ask('b.com')]).to.deep.equal(['404', '404'])
      expect([await status('a.com'), await status('b.com'), await status('c.com')]).to.deep.equal([200, 404, 200])
      const { closed } = await connect(portOf(server), '/ws', { headers: { host: 'c.com' } })
      await closed
    } finally {
      await server.stop()
    }
  })

  overHttp1(
    'share paths with pages: an upgrade finds sockets alone, a plain request pages alone',
    (server) => {
      server.bindWebSocket('/only', (socket) => socket.send('socket'))
      server.bindWebSocket('/both', (socket) => socket.send('socket'))
      server.get('/both', () => 'page')
      server.get('/page', () => 'page')
      server.bindStatusHandler(426, ({ response }) => response.setHeader('X-Seen', '426'))
    },
    async (send, _world, { port }) => {
      const plain = await send('/only')
      expect([plain.status, plain.header('upgrade'), plain.text]).to.deep.equal([426, 'websocket', 'Upgrade Required'])
      expect(plain.header('x-seen')).to.equal('426')
      expect((await send('HEAD /only')).status).to.equal(426)
      expect((await send('POST /only')).status).to.equal(404)
      expect((await send('/both')).text).to.equal('page')
      for (const path of ['/page', '/nowhere'])
        expect(await rawExchange(port, upgradeHead(path))).to.match(
          /^HTTP\/1\.1 404 Not Found\r\n[^]*Connection: close\r\n[^]*Not Found$/,
        )
      const { messages, closed, socket } = await connect(port, '/both')
      await until(() => messages[0] === 'socket', 'the socket answers')
      socket.close()
      await closed
    },
  )

  it('are listed with their type, and fail to register as routes do', () => {
    const server = new Server()
    const open = function open() {}
    server
      .bindWebSocket('/a/:x', open)
      .domain('a.com')
      .bindWebSocket('/b', () => {})
    server.get('/a/:x', () => '')
    const [, domain, first] = server.routes()
    expect(first).to.deep.equal({
      method: 'GET',
      route: '/a/:x',
      domain: '',
      type: 'websocket',
      name: 'open',
      priority: 1,
    })
    expect(domain).to.include({ domain: 'a.com', route: '/b', type: 'websocket', name: 'anonymous', priority: 2 })

    const twice = thrownBy(() => server.bindWebSocket('/a/:y', open))
    expect(twice).to.include({ name: 'DuplicateRouteError', code: 'ERR_TRIBIND_DUPLICATE_ROUTE' })
    expect(twice.message).to.contain('websocket.test.ts')
    const bad: [unknown[], RegExp][] = [
      [['/x', 'no function'], /"\/x".*must be a function, got/],
      [['/x/{a', open], /"\/x\/\{a"/],
      [['no slash', open], /no slash/],
      [['POST:/x', open], /method/],
      [['/x', open, { maxPayload: 0 }], /maxPayload/],
      [['/x', open, { maxPayload: '1' }], /maxPayload/],
      [['/x', open, { heartbeatMs: -1 }], /heartbeatMs/],
      [['/x', open, { origins: ['app.example.com'] }], /origins/],
      [['/x', open, { origins: ['https://app.example.com/'] }], /origins/],
      [['/x', open, { protocols: ['a b'] }], /protocols/],
      [['/x', open, { protocols: ['a'], handleProtocols: open }], /handleProtocols/],
      [['/x', open, { compress: true }], /"compress"/],
    ]
    for (const [args, message] of bad) {
      const error = thrownBy(() => callUntyped(server, 'bindWebSocket', ...args))
      expect(error).to.include({ name: 'RouteError', code: 'ERR_TRIBIND_ROUTE' })
      expect(error.message).to.match(message)
    }
    expect(server.routes()).to.have.lengthOf(3)
    const overwriting = new Server({ routeOverwrite: true }).bindWebSocket('/a', () => {}).bindWebSocket('/a', open)
    expect(overwriting.routes()).to.have.lengthOf(1)
  })

  overHttp1(
    'run their close events once, with the signal aborted, when the socket has ended',
    (server) => {
      const order: string[] = []
      for (const event of [
        'BeforeServe',
        'AfterServe',
        'BeforePatch',
        'AfterPatch',
        'BeforeOutput',
        'AfterOutput',
      ] as const)
        server.bindHookHandler('/*', event, () => void order.push(event))
      server.bindHookHandlerByMap('/*', {
        BeforeClose: (request) => void order.push(`BeforeClose ${request.signal.aborted}`),
        AfterClose: () => void order.push('AfterClose'),
      })
      server.bindWebSocket('/', (socket, request) => {
        order.push(`open ${request.signal.aborted}`)
        request.signal.addEventListener('abort', () => order.push('aborted'))
        socket.on('close', () => order.push('closed'))
      })
      return order
    },
    async (_send, order, { port }) => {
      const { socket } = await connect(port, '/')
      await turns()
      const road = [
        'BeforeServe',
        'AfterServe',
        'BeforePatch',
        'AfterPatch',
        'BeforeOutput',
        'open false',
        'AfterOutput',
      ]
      expect(order).to.deep.equal(road)
      socket.terminate()
      await until(() => order.includes('AfterClose'), 'the request is over')
      await turns()
      expect(order.slice(road.length).sort()).to.deep.equal(['AfterClose', 'BeforeClose true', 'aborted', 'closed'])
      expect(order.at(-1)).to.equal('AfterClose')
    },
  )

  it('cost a server that has none nothing: upgrades are plain requests, and ws is not loaded', async () => {
    const server = new Server({ port: 0 })
    server.get('/', (request) => `plain ${request.header('upgrade')}`)
    await server.start()
    try {
      expect(await rawExchange(portOf(server), upgradeHead('/', { Connection: 'Upgrade, close' }))).to.match(
        /plain websocket$/,
      )
    } finally {
      await server.stop()
    }
  })

  it('load ws when a server that has some starts, and not before', async () => {
    const program = `
      import { Server } from 'tribind'
      import module from 'node:module'
      const isLoaded = () => Object.keys(module._cache).some((file) => file.includes('/node_modules/ws/'))
      const start = async (register) => {
        const server = new Server({ port: 0 })
        register(server)
        await server.start()
        await server.stop()
        return isLoaded()
      }
      console.log(isLoaded(), await start(() => {}), await start((server) => server.bindWebSocket('/', () => {})))`
    const args = ['--import=tsx', '--conditions=source', '--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 9000 })
    expect(stdout).to.equal('false false true\n')
  })

  it('work in a server of somebody else', async () => {
    const app = new Server()
    chat(app)
    app.get('/', () => 'app')
    const host = http.createServer(app.handle).on('upgrade', app.handleUpgrade).listen(0, '127.0.0.1')
    await once(host, 'listening')
    const { port } = host.address() as net.AddressInfo
    const { socket, messages, closed } = await connect(port, '/chat/a')
    socket.send('hello')
    await until(() => messages[0] === 'a: hello', 'it is heard')
    expect(await rawExchange(port, upgradeHead('/', { Upgrade: 'h2c', Connection: 'Upgrade, close' }))).to.match(/app$/)
    await app.stop()
    expect((await closed)[0]).to.equal(1001)
    await new Promise((resolve) => host.close(resolve))
  })
})
