import { once } from 'node:events'
import { expect } from 'chai'
import { Server } from 'tribind'
import { gate, inTime, openRaw, overHttp1, rawExchange } from './both-ways.ts'

const connect = (target: string) => `CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`

function bindTunnels(server: Server): string[] {
  const closed: string[] = []
  server.bindHandler('CONNECT:/:target', ({ params, response }) => {
    response.status = 403
    return `no tunnel to ${params.target}`
  })
  server.get('/page', () => 'page')
  server.bindHookHandler('/*', 'AfterClose', ({ path }) => void closed.push(path))
  return closed
}

describe('CONNECT', () => {
  it('finds its route by host and port, injected too', async () => {
    const server = new Server()
    bindTunnels(server)
    for (const url of ['example.com:443', '[::1]:8080']) {
      const answer = await server.inject({ method: 'CONNECT', url })
      expect([answer.status, answer.text()]).to.deep.equal([403, `no tunnel to ${url}`])
    }
  })

  overHttp1('ends its connection, with what was sent ahead unread', bindTunnels, async (_send, closed, { port }) => {
    const received = await inTime(rawExchange(port, `${connect('a:1')}GET /page HTTP/1.1\r\n\r\n`), 'the end')
    expect(received).to.match(/^HTTP\/1\.1 403 [\s\S]*Connection: close\r\n\r\nno tunnel to a:1$/)
    expect(closed).to.deep.equal(['/a:1'])
  })

  for (const target of ['example.com', 'example.com:', 'a:99999', 'user@a:1', 'http://a/', '*']) {
    overHttp1(`is 400 for ${target}`, bindTunnels, async (_send, closed, { port }) => {
      expect(await rawExchange(port, connect(target))).to.match(/^HTTP\/1\.1 400 /)
      expect(closed).to.be.empty
    })
  }

  overHttp1(
    'is 404 where nothing is bound for it, or 405',
    (server) => server.get('/page', () => 'page'),
    async (_send, _, { port }) => {
      expect(await rawExchange(port, connect('a:1'))).to.match(/^HTTP\/1\.1 404 /)
      expect(await rawExchange(port, connect('/page'))).to.match(/^HTTP\/1\.1 405 [\s\S]*Allow: GET, HEAD/)
    },
    { methodNotAllowed: true },
  )

  overHttp1(
    'waits for the answers to the requests before it',
    (server) => {
      const released = gate()
      bindTunnels(server)
      server.get('/slow', async () => {
        await released.opened
        return 'slow'
      })
      return released.open
    },
    async (_send, release, { port }) => {
      const { socket, received } = await openRaw(port, `GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${connect('a:1')}`)
      setTimeout(release, 30)
      await inTime(once(socket, 'close'), 'the end')
      expect(received()).to.match(/\r\n\r\nslowHTTP\/1\.1 403 /)
    },
  )

  const large = 4 * 1024 * 1024
  async function* produce() {
    for (let sent = 0; sent < large; sent += 64 * 1024) yield Buffer.alloc(64 * 1024, 'x')
  }
  const bindLarge = (server: Server) => {
    server.get('/large', produce)
    server.bindHandler('CONNECT:/*', produce)
    server.bindWebSocket('/socket', () => {})
  }
  const sizeOf = (received: string) => received.match(/x/g)?.length

  overHttp1('streams an answer to a client that takes its time', bindLarge, async (_send, _, { port }) => {
    expect(sizeOf(await inTime(rawExchange(port, connect('a:1')), 'the end'))).to.equal(large)
  })

  for (const [name, next] of Object.entries({
    'a CONNECT': connect('/nowhere/to'),
    'an upgrade': 'GET /page HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: other\r\n\r\n',
  })) {
    overHttp1(
      `lets an answer that is streamed before ${name} come to its end`,
      bindLarge,
      async (_send, _, { port }) => {
        const received = await inTime(rawExchange(port, `GET /large HTTP/1.1\r\nHost: a\r\n\r\n${next}`), 'the end')
        expect(sizeOf(received)).to.be.at.least(large)
        expect(received.match(/HTTP\/1\.1 \d+/g)).to.have.length(2)
      },
    )
  }
})
