import { expect } from 'chai'
import http from 'node:http'
import net from 'node:net'
import { openRaw, until } from '../feature/both-ways.ts'
import { openHttp2Client } from './http2-client.ts'
import {
  bodyOf,
  closeAfterEach,
  fieldOf,
  fieldsOf,
  type Front,
  listenOn,
  openFront,
  openNode,
  openRawNode,
  openScript,
  statusOf,
} from './forward-world.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('forward: races', () => {
  closeAfterEach()

  /** Nothing is under way, and no failure was counted against the node. */
  async function settled({ handler }: Pick<Front, 'handler'>): Promise<void> {
    await until(() => handler.nodes().every(({ activeRequests }) => activeRequests === 0), 'nothing is under way')
    expect(handler.nodes().map(({ fails }) => fails)).to.deep.equal(handler.nodes().map(() => 0))
  }

  it('the answer is complete before the request is', async () => {
    const node = await openScript(OK)
    const front = await openFront(node.url)
    const client = await openRaw(front.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    await until(() => client.received().endsWith('ok'), 'the answer has come')
    await until(() => node.sockets.size === 0, 'the connection to the node is not used again')
    // The client sends the rest, and its connection serves the next request.
    client.socket.write('a body')
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => client.received().split('200 OK').length > 2, 'the next answer has come')
    client.socket.destroy()
    await settled(front)
  })

  it('the node answers a large body with 413 and closes', async () => {
    const node = await openRawNode((socket) => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig')
      })
    })
    const front = await openFront(node.url)
    const size = 5_000_000
    const client = await openRaw(front.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
    client.socket.write(Buffer.alloc(size))
    await until(() => client.received().endsWith('big'), 'the answer has come')
    expect(statusOf(client.received())).to.equal(413)
    client.socket.destroy()
    await settled(front)
  })

  it('a 204 comes with a body, and a 304, which the next request must not see', async () => {
    const node = await openScript(
      'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil',
      OK,
    )
    const front = await openFront(node.url)
    expect(bodyOf(await front.exchange('GET / HTTP/1.1'))).to.equal('')
    expect(bodyOf(await front.exchange('GET / HTTP/1.1'))).to.equal('')
    expect(bodyOf(await front.exchange('GET / HTTP/1.1'))).to.equal('ok')
    await settled(front)
  })

  it('a HEAD is answered with a body', async () => {
    const node = await openScript(OK, OK)
    const front = await openFront(node.url)
    expect(bodyOf(await front.exchange('HEAD / HTTP/1.1'))).to.equal('')
    expect(bodyOf(await front.exchange('GET / HTTP/1.1'))).to.equal('ok')
    await settled(front)
  })

  it('two answers come for one request', async () => {
    const node = await openScript(`${OK}${OK.replace('ok', 'no')}`, OK)
    const front = await openFront(node.url)
    for (let i = 0; i < 3; i++) expect((await front.get()).status).to.be.oneOf([200, 502])
    await until(() => front.handler.nodes()[0]?.activeRequests === 0, 'nothing is under way')
  })

  it('both sides reset at once', async () => {
    const node = await openRawNode((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun'))
    })
    const front = await openFront(node.url)
    for (let i = 0; i < 20; i++) {
      const client = await openRaw(front.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
      await until(() => client.received().includes('begun'), 'the answer has begun')
      client.socket.resetAndDestroy()
      for (const socket of node.sockets) socket.resetAndDestroy()
    }
    await settled(front)
  })

  it('one kept connection serves several hosts', async () => {
    const node = await openNode((request, response) => response.end(request.headers.host))
    const front = await openFront(node.url)
    const client = await openRaw(front.port, '')
    for (const host of ['a.test', 'b.test', 'a.test:81']) {
      client.socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      await until(() => client.received().endsWith(host), `${host} has come back`)
    }
    expect(node.connections()).to.equal(1)
    client.socket.destroy()
  })

  it('requests come in a pipeline', async () => {
    const node = await openNode((request, response) => {
      setTimeout(() => response.end(request.url), request.url === '/slow' ? 50 : 0)
    })
    const front = await openFront(node.url)
    const client = await openRaw(
      front.port,
      ['/slow', '/b', '/c'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''),
    )
    await until(() => client.received().endsWith('/c'), 'all has come')
    expect(client.received().match(/\/(?:slow|b|c)(?=HTTP|$)/g)).to.deep.equal(['/slow', '/b', '/c'])
    client.socket.destroy()
    await settled(front)
  })

  it('a length and a coding, both of a client', async () => {
    const node = await openNode()
    const front = await openFront(node.url)
    const text = await front.exchange('POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')
    expect(statusOf(text)).to.equal(400)
    expect(node.asked).to.have.length(0)
  })

  it('lines that end with LF alone are no HTTP', async () => {
    const node = await openScript('HTTP/1.1 200 OK\nContent-Length: 2\n\nok\r\n\r\n')
    const front = await openFront(node.url)
    expect((await front.get()).status).to.equal(502)
  })

  it('a status line has no reason, or another one', async () => {
    const node = await openScript(
      'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 200 Fein \xe4\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.1 799 Odd\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.0 200 Old\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
    )
    const front = await openFront(node.url)
    const lines: string[] = []
    for (let i = 0; i < 5; i++) lines.push((await front.exchange('GET / HTTP/1.1')).split('\r\n')[0] as string)
    expect(lines).to.deep.equal([
      'HTTP/1.1 200 OK',
      'HTTP/1.1 200 OK',
      'HTTP/1.1 200 Fein \xe4',
      'HTTP/1.1 799 Odd',
      'HTTP/1.1 200 Old',
    ])
  })

  it('heads have 64 kB, and 3,000 fields', async () => {
    const long = 'x'.repeat(64 * 1024)
    const many = Array.from({ length: 3000 }, (_, i) => `X-${i}: ${i}`).join('\r\n')
    const node = await openScript(
      `HTTP/1.1 200 OK\r\nX-Long: ${long}\r\nContent-Length: 2\r\n\r\nok`,
      `HTTP/1.1 200 OK\r\n${many}\r\nContent-Length: 2\r\n\r\nok`,
      `HTTP/1.1 200 OK\r\nX-Long: ${long}${long}${long}\r\nContent-Length: 2\r\n\r\nok`,
    )
    const front = await openFront(node.url)
    expect(fieldOf(await front.exchange('GET / HTTP/1.1'), 'X-Long')).to.equal(long)
    const text = await front.exchange('GET / HTTP/1.1')
    expect(fieldsOf(text).filter((line) => /^X-\d+: \d+$/.test(line))).to.have.length(3000)
    expect((await front.get()).status).to.equal(502)
  })

  it('a large head of a client goes on whole', async () => {
    const node = await openNode(undefined, { maxHeaderSize: 200_000 })
    const front = await openFront(node.url, { maxHeaderSize: 200_000 } as object)
    const long = 'x'.repeat(64 * 1024)
    expect(statusOf(await front.exchange(`GET / HTTP/1.1\r\nX-Long: ${long}`))).to.equal(200)
    expect(node.asked[0]?.headers['x-long']).to.equal(long)
  })

  it('a thousand streams of HTTP/2 go to one node', async () => {
    const node = await openNode((request, response) => response.end(request.url))
    const client = await openHttp2Client(node.url)
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => client.send({ ':path': `/${i}` })))
    expect(answers.every(({ status, body }, i) => status === 200 && body === `/${i}`)).to.equal(true)
    await settled(client)
  })

  it('a node that fails under load costs no GET where there is another', async () => {
    const bad = await listenOn(http.createServer((_, response) => response.end('bad')))
    const good = await openNode((_, response) => response.end('good'))
    const front = await openFront({ nodes: [bad.url, good.url], retry: { on: ['reset'] } })
    const load = { isOver: false }
    const statuses: number[] = []
    const clients = Array.from({ length: 8 }, async () => {
      while (!load.isOver) statuses.push((await front.get()).status)
    })
    await until(() => statuses.length > 100, 'there is load')
    await bad.close()
    const before = statuses.length
    await until(() => statuses.length > before + 100, 'there is load')
    load.isOver = true
    await Promise.all(clients)
    expect(statuses.filter((status) => status !== 200)).to.deep.equal([])
    expect(front.handler.nodes()[0]?.state).to.equal('failed')
  })

  it('clients come and go at random', async () => {
    const node = await openNode((request, response) => {
      setTimeout(() => response.end('x'.repeat(50_000)), Number(request.url?.slice(1)))
    })
    const front = await openFront(node.url)
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const client = net.connect(front.port, '127.0.0.1').on('error', () => {})
        client.write(
          `POST /${i % 20} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n${i % 3 === 0 ? 'half' : 'whole'}`,
        )
        await new Promise((resolve) => setTimeout(resolve, (i * 7) % 30))
        if (i % 2 === 0) client.resetAndDestroy()
        else client.destroy()
      }),
    )
    await settled(front)
    expect((await front.get('/0')).status).to.equal(200)
    expect(front.log.filter(({ level }) => level === 'error')).to.deep.equal([])
  })
})
