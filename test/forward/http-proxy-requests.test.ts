import { buffer } from 'node:stream/consumers'
import { expect } from 'chai'
import { httpProxy } from 'tribind/forward'
import { until } from '../feature/both-ways.ts'
import {
  closeAll,
  closed,
  exchange,
  join,
  openOrigin,
  openProxy,
  openTcp,
  statusIn,
  take,
  takeHead,
} from './proxy-world.ts'

describe('httpProxy', () => {
  afterEach(closeAll)

  describe('a request for an absolute URL', () => {
    it('is passed on with its path as it was written, and answered as the target does', async () => {
      const origin = await openOrigin((request, response) => {
        response.writeHead(201, 'Made', { 'X-From': 'origin' }).end(`${request.method} ${request.url}`)
      })
      const { port: proxy } = await openProxy(httpProxy())
      const url = `http://127.0.0.1:${origin.port}`
      const answer = await exchange(
        proxy,
        `PUT ${url}/a%2fb/../c?x=%zz&y HTTP/1.1\r\nHost: other\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi`,
      )
      expect(answer)
        .to.match(/^HTTP\/1\.1 201 Made\r\n/)
        .and.contain('X-From: origin')
      expect(answer).to.contain('\r\nPUT /a%2fb/../c?x=%zz&y\r\n')
      expect(origin.requests[0]?.headers.host).to.equal(`127.0.0.1:${origin.port}`)
      expect(origin.requests[0]?.headers.via).to.match(/^1\.1 tribind-/)
      expect(answer).to.match(/\r\nVia: 1\.1 tribind-/)
    })

    it('goes on over a kept connection, whatever host is next', async () => {
      const first = await openOrigin((_request, response) => response.end('first'))
      const second = await openOrigin((_request, response) => response.end('second'))
      const { port: proxy, stats } = await openProxy(httpProxy())
      const client = await join(proxy)
      for (const [origin, text] of [
        [first, 'first'],
        [second, 'second'],
        [first, 'first'],
      ] as const) {
        client.write(`GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\n\r\n`)
        const head = await takeHead(client)
        expect(head).to.contain('Connection: keep-alive')
        expect((await take(client, Number(/Content-Length: (\d+)/i.exec(head)?.[1]))).toString()).to.equal(text)
      }
      expect([first.connections.length, second.connections.length]).to.deep.equal([1, 1])
      expect(stats()).to.include({ totalConns: 1, totalRequests: 3, currentRequests: 0 })
    })

    it('leaves out the fields of the connection, both ways', async () => {
      const origin = await openOrigin((request, response) => {
        response.writeHead(200, {
          Connection: 'X-Own, close',
          'X-Own': 'a',
          'Keep-Alive': 'timeout=7',
          'Proxy-Authenticate': 'Basic',
          'X-Kept': 'b',
        })
        response.end()
        void request
      })
      const { port: proxy } = await openProxy(httpProxy())
      const fields =
        'Connection: close, X-Secret, X-Forwarded-For\r\nX-Secret: 1\r\nX-Forwarded-For: 1.2.3.4\r\nProxy-Connection: keep-alive\r\nKeep-Alive: 5\r\nTE: gzip\r\nUpgrade: h2c\r\nX-Kept: 1\r\nx-KEPT: 2\r\n'
      const answer = await exchange(proxy, `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\n${fields}\r\n`)
      expect(origin.requests[0]?.headers).to.have.all.keys('host', 'via', 'connection', 'x-kept')
      expect(origin.requests[0]?.rawHeaders).to.include.members(['X-Kept', 'x-KEPT'])
      expect(answer)
        .to.contain('X-Kept: b')
        .and.not.match(/x-own|timeout=7|proxy-authenticate/i)
    })

    it('carries bodies in chunks, trailers included', async () => {
      const origin = await openOrigin((request, response) => {
        void buffer(request).then((body) => {
          response.writeHead(200, { Trailer: 'X-Sum' })
          response.write(body)
          response.addTrailers({ 'X-Sum': `${request.trailers['x-check']}-answered` })
          response.end()
        })
      })
      const { port: proxy } = await openProxy(httpProxy())
      const answer = await exchange(
        proxy,
        `POST http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n5\r\nhello\r\n0\r\nX-Check: 7\r\n\r\n`,
      )
      expect(answer)
        .to.contain('5\r\nhello\r\n')
        .and.match(/x-sum: 7-answered/i)
    })

    it('waits for the target to ask for the body', async () => {
      const order: string[] = []
      const origin = await openOrigin(() => {})
      void origin
      const strict = await openTcp((socket) => {
        socket.once('data', (head: Buffer) => {
          order.push(/expect: 100-continue/i.test(String(head)) ? 'asked' : 'not asked')
          socket.write('HTTP/1.1 100 Continue\r\n\r\n')
          socket.once('data', (body: Buffer) => {
            order.push(String(body))
            socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
          })
        })
      })
      const { port: proxy } = await openProxy(httpProxy())
      const client = await join(proxy)
      client.write(
        `POST http://127.0.0.1:${strict.port}/ HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`,
      )
      expect(await takeHead(client)).to.match(/^HTTP\/1\.1 100 /)
      client.write('body')
      expect(await takeHead(client)).to.match(/^HTTP\/1\.1 200 /)
      expect(order).to.deep.equal(['asked', 'body'])
    })

    it('passes 1xx answers on', async () => {
      const origin = await openOrigin((_request, response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' })
        response.writeProcessing()
        response.end('done')
      })
      const { port: proxy } = await openProxy(httpProxy())
      const answer = await exchange(
        proxy,
        `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      )
      expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).to.deep.equal(['103', '102', '200'])
    })

    for (const [what, method, status, fields, body] of [
      ['a HEAD with a length', 'HEAD', 200, { 'Content-Length': '10' }, ''],
      ['a 204', 'GET', 204, {}, ''],
      ['a 304 with a length', 'GET', 304, { 'Content-Length': '10' }, ''],
    ] as const)
      it(`passes ${what} on, and the next request on the same connection`, async () => {
        const origin = await openOrigin((_request, response) => response.writeHead(status, fields).end(body))
        const { port: proxy } = await openProxy(httpProxy())
        const client = await join(proxy)
        for (let i = 0; i < 2; i++) {
          client.write(`${method} http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\n\r\n`)
          const head = await takeHead(client)
          expect(statusIn(head)).to.equal(status)
          if ('Content-Length' in fields) expect(head).to.match(/content-length: 10/i)
        }
      })

    it('cuts the client where the target breaks off in the midst of a body', async () => {
      for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
        const origin = await openTcp((socket) => {
          socket.once('data', () => {
            socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n5\r\nhello`, () =>
              setTimeout(() => socket.destroy(), 20),
            )
          })
        })
        const { port: proxy } = await openProxy(httpProxy())
        const answer = await exchange(proxy, `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\n\r\n`)
        expect(answer).to.contain('hello').and.not.contain('0\r\n\r\n')
      }
    })

    it('ends at the target when the client leaves', async () => {
      const origin = await openOrigin(() => {})
      const { port: proxy, stats } = await openProxy(httpProxy())
      const client = await join(proxy)
      client.write(`GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\n\r\n`)
      await until(() => origin.requests.length === 1, 'it has arrived')
      client.destroy()
      await closed(origin.connections[0])
      await until(() => stats().currentConns === 0, 'it has ended')
      expect(stats().totalErrs).to.equal(0)
    })

    it('is asked again where a kept connection was closed meanwhile, unless it has a body', async () => {
      let answers = 0
      const origin = await openTcp((socket) => {
        socket.on('data', () => {
          answers++
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
          // As soon as the next one comes, it is gone.
          socket.removeAllListeners('data').once('data', () => socket.resetAndDestroy())
        })
      })
      const { port: proxy } = await openProxy(httpProxy())
      const client = await join(proxy)
      const ask = async (method: string, rest = '\r\n') => {
        client.write(`${method} http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\n${rest}`)
        const head = await takeHead(client)
        await take(client, Number(/content-length: (\d+)/i.exec(head)?.[1]) || 0).catch(() => {})
        return statusIn(head)
      }
      expect(await ask('GET')).to.equal(200)
      expect(await ask('GET')).to.equal(200)
      expect(await ask('POST', 'Content-Length: 1\r\n\r\nx')).to.equal(502)
      expect(answers).to.equal(2)
    })

    it('is 508 where it has passed here before', async () => {
      const origin = await openOrigin()
      const { port: proxy } = await openProxy(httpProxy())
      await exchange(proxy, `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      const via = origin.requests[0]?.headers.via
      const answer = await exchange(
        proxy,
        `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nVia: 1.0 fred, ${via}\r\nConnection: close\r\n\r\n`,
      )
      expect(statusIn(answer)).to.equal(508)
    })

    it('is 400 for a path alone, for another scheme, and for a URL with a password', async () => {
      const { port: proxy } = await openProxy(httpProxy())
      for (const target of [
        '/',
        '/path',
        '*',
        'https://127.0.0.1/',
        'ftp://127.0.0.1/',
        'http://a:b@127.0.0.1/',
        'http://',
        'http:///x',
        'http://127.0.0.1:x/',
        'http://a b/',
      ])
        expect(
          statusIn(await exchange(proxy, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)),
          target,
        ).to.equal(400)
    })

    it('is 400 where its body has two lengths, or it has two hosts', async () => {
      const origin = await openOrigin()
      const { port: proxy } = await openProxy(httpProxy())
      const url = `http://127.0.0.1:${origin.port}/`
      for (const fields of [
        'Content-Length: 3\r\nTransfer-Encoding: chunked',
        'Content-Length: 3\r\nContent-Length: 4',
        'Transfer-Encoding: gzip',
        'Transfer-Encoding : chunked',
        'Host: b',
      ])
        expect(
          statusIn(
            await exchange(proxy, `POST ${url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n\r\n0\r\n\r\n`),
          ),
          fields,
        ).to.equal(400)
      expect(origin.requests).to.deep.equal([])
    })

    it('is 431 with a head that is too large, or too many fields', async () => {
      const { port: proxy } = await openProxy(httpProxy(), { maxHeaderSize: 20_000 })
      const ask = (fields: string) =>
        exchange(proxy, `GET http://127.0.0.1:9/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`)
      expect(statusIn(await ask(`X: ${'x'.repeat(30_000)}\r\n`))).to.equal(431)
      expect(statusIn(await ask('a:b\r\n'.repeat(1001)))).to.equal(431)
    })

    it('is 502 where the answer is no HTTP, or there is none', async () => {
      for (const answer of [
        'what?\r\n\r\n',
        'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
        'HTTP/1.1 200 OK\r\nA b: c\r\n\r\n',
        '',
      ]) {
        const origin = await openTcp((socket) => socket.once('data', () => socket.end(answer)))
        const { port: proxy } = await openProxy(httpProxy())
        const got = await exchange(
          proxy,
          `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        )
        expect(statusIn(got), answer).to.equal(502)
      }
    })

    it('passes fields in latin1, and a status without a reason', async () => {
      const origin = await openTcp((socket) => {
        socket.once('data', (head: Buffer) =>
          socket.end(
            Buffer.concat([
              Buffer.from('HTTP/1.1 200\r\nConnection: close\r\nX: '),
              head.subarray(head.indexOf('X: ') + 3, head.indexOf('X: ') + 4),
              Buffer.from('\r\n\r\n'),
            ]),
          ),
        )
      })
      const { port: proxy } = await openProxy(httpProxy())
      const answer = await exchange(
        proxy,
        Buffer.from(
          `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nX: \xe4\r\nConnection: close\r\n\r\n`,
          'latin1',
        ),
      )
      expect(answer)
        .to.match(/^HTTP\/1\.1 200 /)
        .and.contain('X: \xe4')
    })
  })
})
