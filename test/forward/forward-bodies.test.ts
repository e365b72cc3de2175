import { expect } from 'chai'
import http from 'node:http'
import { gate, openRaw, until } from '../feature/both-ways.ts'
import { openHttp2Client } from './http2-client.ts'
import {
  bodyOf,
  closeAfterEach,
  fieldOf,
  listenOn,
  openFront,
  openNode,
  openRawNode,
  openScript,
  statusOf,
} from './forward-world.ts'

describe('forward: bodies', () => {
  closeAfterEach()

  it('passes bodies with a length and in chunks, both ways', async () => {
    const node = await openNode((request, response, { body }) => {
      if (request.url === '/chunked') {
        response.write(body.slice(0, 2))
        response.end(body.slice(2))
      } else response.setHeader('Content-Length', body.length).end(body)
    })
    const front = await openFront(node.url)
    const whole = await front.exchange('PUT / HTTP/1.1\r\nContent-Length: 5', 'mnopq')
    expect(fieldOf(whole, 'Content-Length')).to.equal('5')
    expect(bodyOf(whole)).to.equal('mnopq')
    const chunked = await front.exchange(
      'PUT /chunked HTTP/1.1\r\nTransfer-Encoding: chunked',
      '5\r\nmnopq\r\n0\r\n\r\n',
    )
    expect(fieldOf(chunked, 'Transfer-Encoding')).to.equal('chunked')
    expect(bodyOf(chunked).replace(/[0-9a-f]+\r\n|\r\n/g, '')).to.equal('mnopq')
    expect(node.asked.map(({ headers }) => [headers['content-length'], headers['transfer-encoding']])).to.deep.equal([
      ['5', undefined],
      [undefined, 'chunked'],
    ])
  })

  it('sends no body for a request without one, whatever its method', async () => {
    const node = await openNode()
    const front = await openFront(node.url)
    for (const method of ['GET', 'DELETE', 'POST'])
      expect(statusOf(await front.exchange(`${method} / HTTP/1.1`))).to.equal(200)
    for (const { headers } of node.asked) expect(headers).to.not.have.property('transfer-encoding')
    expect(node.asked.map(({ headers }) => headers['content-length'])).to.deep.equal([undefined, undefined, '0'])
  })

  it('passes the body of a GET', async () => {
    const node = await openNode((_, response, { body }) => response.end(body))
    const front = await openFront(node.url)
    expect(bodyOf(await front.exchange('GET / HTTP/1.1\r\nContent-Length: 3', 'abc'))).to.equal('abc')
  })

  it('passes what comes as it comes, from either side', async () => {
    const heard: string[] = []
    const node = await listenOn(
      http.createServer((request, response) => {
        response.writeHead(200).flushHeaders()
        request.on('data', (chunk: Buffer) => {
          heard.push(String(chunk))
          response.write(`got ${String(chunk)}`)
        })
        request.on('end', () => response.end())
      }),
    )
    const front = await openFront(node.url)
    const client = await openRaw(front.port, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    await until(() => client.received().includes('200 OK'), 'the head has come before any body')
    for (const text of ['one', 'two']) {
      client.socket.write(`3\r\n${text}\r\n`)
      await until(() => client.received().includes(`got ${text}`), `${text} has come back`)
    }
    client.socket.write('0\r\n\r\n')
    await until(() => client.received().endsWith('0\r\n\r\n'), 'the answer has ended')
    expect(heard).to.deep.equal(['one', 'two'])
    client.socket.destroy()
  })

  it('relays the head of an answer before its body, and event streams as they come', async () => {
    const next = gate()
    const node = await openNode(async (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.flushHeaders()
      await next.opened
      response.write('data: 1\n\n')
    })
    const front = await openFront(node.url)
    const client = await openRaw(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => client.received().includes('text/event-stream'), 'the head has come')
    next.open()
    await until(() => client.received().includes('data: 1'), 'the event has come')
    // It has no end, and doesn't hold up a stop.
    const begun = Date.now()
    await front.server.stop()
    expect(Date.now() - begun).to.be.below(900)
    await client.closed
    expect(client.received()).to.match(/0\r\n\r\n$/)
  })

  it('passes trailers both ways', async () => {
    const node = await listenOn(
      http.createServer((request, response) => {
        request.resume().on('end', () => {
          response.writeHead(200, { Trailer: 'X-After' })
          response.write(JSON.stringify(request.rawTrailers))
          response.addTrailers({ 'X-After': 'y', 'X-More': 'z' })
          response.end()
        })
      }),
    )
    const front = await openFront(node.url)
    const text = await front.exchange(
      'POST / HTTP/1.1\r\nTE: trailers\r\nTrailer: X-End\r\nTransfer-Encoding: chunked',
      '1\r\na\r\n0\r\nX-End: 1\r\nHost: x\r\n\r\n',
    )
    expect(text).to.include('["x-end","1"]')
    expect(text).to.match(/0\r\nx-after: y\r\nx-more: z\r\n\r\n$/)
  })

  it('passes trailers of HTTP/2 both ways', async () => {
    const node = await listenOn(
      http.createServer((request, response) => {
        request.resume().on('end', () => {
          response.write(JSON.stringify(request.rawTrailers))
          response.addTrailers({ 'X-After': 'y' })
          response.end()
        })
      }),
    )
    const client = await openHttp2Client(node.url)
    const answer = await client.send({ ':method': 'POST' }, 'body', { 'x-end': '1' })
    expect(answer.body).to.equal('["x-end","1"]')
    expect(answer.trailers).to.include({ 'x-after': 'y' })
  })

  it("doesn't fail at trailers that can't be passed on", async () => {
    const node = await openScript(
      'HTTP/1.1 200 OK\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: 1\r\nHost: x\r\nSet-Cookie: a=b\r\nConnection: x\r\n\r\n',
    )
    const front = await openFront(node.url)
    expect(await front.exchange('GET / HTTP/1.1')).to.match(/2\r\nok\r\n0\r\nx-a: 1\r\n\r\n$/)
    expect(bodyOf(await front.exchange('GET / HTTP/1.0'))).to.equal('ok')
    expect(bodyOf(await front.exchange('POST / HTTP/1.1\r\nTrailer: X-B\r\nContent-Length: 2', 'ab'))).to.include('ok')
  })

  it('relays answers without a body: HEAD with its length, 204, 304 with its fields', async () => {
    const node = await openRawNode((socket) => {
      socket.on('data', (chunk: Buffer) => {
        const [method, path] = String(chunk).split(' ')
        const answers: Record<string, string> = {
          '/204': 'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n',
          '/304': 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 77\r\nContent-Type: a/b\r\n\r\n',
          '/': `HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nContent-Type: a/b\r\n\r\n${method === 'HEAD' ? '' : 'x'.repeat(1234)}`,
        }
        socket.write(answers[path as string] as string)
      })
    })
    const front = await openFront(node.url)
    const head = await front.exchange('HEAD / HTTP/1.1')
    expect([
      statusOf(head),
      fieldOf(head, 'Content-Length'),
      fieldOf(head, 'Content-Type'),
      bodyOf(head),
    ]).to.deep.equal([200, '1234', 'a/b', ''])
    const none = await front.exchange('GET /204 HTTP/1.1')
    expect([statusOf(none), fieldOf(none, 'X-A'), fieldOf(none, 'Content-Type'), bodyOf(none)]).to.deep.equal([
      204,
      '1',
      undefined,
      '',
    ])
    const same = await front.exchange('GET /304 HTTP/1.1')
    expect([statusOf(same), fieldOf(same, 'Content-Length'), fieldOf(same, 'ETag'), bodyOf(same)]).to.deep.equal([
      304,
      '77',
      '"x"',
      '',
    ])
    expect(node.connections()).to.equal(1)
  })

  it('adds no Content-Type to an answer without one', async () => {
    const node = await openScript('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const front = await openFront(node.url)
    expect(fieldOf(await front.exchange('GET / HTTP/1.1'), 'Content-Type')).to.equal(undefined)
  })

  it('relays a body that ends with the connection of the node', async () => {
    const node = await openRawNode((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nto the end'))
    })
    const front = await openFront(node.url)
    expect(await front.exchange('GET / HTTP/1.1')).to.include('to the end')
  })

  it('serves clients of HTTP/1.0', async () => {
    const node = await openNode((request, response) => response.write(`over ${request.httpVersion}`) && response.end())
    const front = await openFront(node.url)
    const text = await front.exchange('GET / HTTP/1.0')
    expect(bodyOf(text)).to.equal('over 1.1')
    expect(fieldOf(text, 'Transfer-Encoding')).to.equal(undefined)
  })

  describe('Expect: 100-continue', () => {
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n'

    it('asks the node, and passes its 100', async () => {
      const accepted = gate()
      const heard: string[] = []
      const node = await listenOn(
        http
          .createServer()
          .on('checkContinue', async (request: http.IncomingMessage, response: http.ServerResponse) => {
            heard.push(String(request.headers.expect))
            await accepted.opened
            response.writeContinue()
            request.on('data', (chunk: Buffer) => heard.push(String(chunk))).on('end', () => response.end('done'))
          }),
      )
      const front = await openFront(node.url)
      const client = await openRaw(front.port, head)
      await until(() => heard.length === 1, 'the node was asked')
      expect(heard).to.deep.equal(['100-continue'])
      expect(client.received()).to.equal('')
      accepted.open()
      await until(() => client.received().startsWith('HTTP/1.1 100 Continue\r\n\r\n'), 'the client is told')
      client.socket.write('body')
      await until(() => client.received().includes('done'), 'the answer has come')
      expect(heard).to.deep.equal(['100-continue', 'body'])
      client.socket.destroy()
    })

    it('relays the refusal of the node, and never reads the body', async () => {
      const node = await openScript('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
      const front = await openFront(node.url)
      const client = await openRaw(front.port, head)
      await client.closed
      expect(statusOf(client.received())).to.equal(403)
      expect(client.received()).to.not.include('100 Continue')
    })

    it('sends the body after a while to a node that says nothing', async () => {
      const node = await openRawNode((socket) => {
        let text = ''
        socket.on('data', (chunk: Buffer) => {
          text += String(chunk)
          if (text.endsWith('body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        })
      })
      const front = await openFront(node.url)
      const client = await openRaw(front.port, head)
      await until(() => client.received().includes('100 Continue'), 'the client is told to go on')
      client.socket.write('body')
      await until(() => client.received().includes('200 OK'), 'the answer has come')
      client.socket.destroy()
    })
  })

  it('passes 103 and other 1xx, several in a row', async () => {
    const script =
      'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nLink: </b>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 150 Odd\r\nX-Odd: 1\r\n\r\n' +
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
    const node = await openScript(script)
    const front = await openFront(node.url)
    const text = await front.exchange('GET / HTTP/1.1')
    expect(text).to.match(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>; rel=preload\r\nLink: <\/b>\r\n\r\nHTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 150 \r\nX-Odd: 1\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    )
    expect(statusOf(await front.exchange('GET / HTTP/1.0'))).to.equal(200)
    const client = await openHttp2Client(node.url)
    const answer = await client.send({ ':path': '/' })
    expect(answer.informed.map((fields) => fields[':status'])).to.deep.equal([103, 102, 150])
    expect(answer.informed[0]?.link).to.equal('</a>; rel=preload, </b>')
    expect(answer.body).to.equal('ok')
  })

  it('forwards a body that a hook has read before', async () => {
    const node = await openNode()
    const front = await openFront(node.url, {}, (server, handler) => {
      server.bindHandler('/*', handler)
      server.bindHookHandler('/*', 'BeforeServe', async (request) => void (await request.json()))
    })
    const head = 'POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 7'
    expect(statusOf(await front.exchange(head, '{"a":1}'))).to.equal(200)
    expect(node.asked[0]?.body).to.equal('{"a":1}')
  })
})
