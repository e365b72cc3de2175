import { expect } from 'chai'
import http from 'node:http'
import net from 'node:net'
import { gate, openRaw, until } from '../feature/both-ways.ts'
import { openHttp2Client } from './http2-client.ts'
import { closeAfterEach, listenOn, openFront, openNode, openRawNode, statusOf } from './forward-world.ts'

const CHUNK = Buffer.alloc(64 * 1024, 'x')

describe('forward: pace, limits and ends', () => {
  closeAfterEach()

  describe('back pressure', () => {
    it('reads no more of an answer than the client takes', async () => {
      let sent = 0
      const node = await listenOn(
        http.createServer((_, response) => {
          const write = () => {
            while (sent < 200 * CHUNK.length) {
              sent += CHUNK.length
              if (!response.write(CHUNK)) return
            }
            response.end()
          }
          response.on('drain', write)
          write()
        }),
      )
      const front = await openFront(node.url)
      const client = net.connect(front.port, '127.0.0.1')
      client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      let before = -1
      await until(() => {
        const isStill = sent > 0 && sent === before
        before = sent
        return isStill
      }, 'nothing more is sent')
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(sent).to.be.below(190 * CHUNK.length)
      let received = 0
      client.on('data', (chunk: Buffer) => (received += chunk.length))
      await until(() => received >= 200 * CHUNK.length, 'all has come')
      client.destroy()
    })

    it('reads no more of a request than the node takes', async () => {
      const taken = gate()
      let received = 0
      const node = await listenOn(
        http.createServer(async (request, response) => {
          await taken.opened
          request.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => response.end('ok'))
        }),
      )
      const front = await openFront(node.url)
      const size = 200 * CHUNK.length
      const client = await openRaw(
        front.port,
        `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`,
      )
      for (let i = 0; i < 200; i++) client.socket.write(CHUNK)
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(client.socket.writableLength).to.be.above(size / 10)
      taken.open()
      await client.closed
      expect(received).to.equal(size)
      expect(statusOf(client.received())).to.equal(200)
    })
  })

  describe('maxBodySize', () => {
    it('refuses a body by its length, and the server has none of its own here', async () => {
      const node = await openNode()
      const front = await openFront({ nodes: [node.url], maxBodySize: 10 }, { maxBodySize: 3 })
      expect(statusOf(await front.exchange('POST / HTTP/1.1\r\nContent-Length: 10', 'x'.repeat(10)))).to.equal(200)
      expect(statusOf(await front.exchange('POST / HTTP/1.1\r\nContent-Length: 11', 'x'.repeat(11)))).to.equal(413)
      expect(node.asked).to.have.length(1)
    })

    it('refuses a body in chunks that grows larger', async () => {
      const node = await openNode()
      const front = await openFront({ nodes: [node.url], maxBodySize: 10 })
      const text = await front.exchange(
        'POST / HTTP/1.1\r\nTransfer-Encoding: chunked',
        '8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n',
      )
      expect(statusOf(text)).to.equal(413)
      expect(node.asked).to.have.length(0)
      expect(front.handler.nodes()[0]).to.include({ fails: 0, activeRequests: 0 })
    })
  })

  describe('ends', () => {
    it('gives the request to the node up when the client leaves', async () => {
      const begun = gate()
      const node = await openRawNode((socket) => {
        socket.once('data', () => begun.open())
      })
      const front = await openFront(node.url)
      const client = await openRaw(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await begun.opened
      client.socket.destroy()
      await until(() => node.sockets.size === 0, 'the connection to the node has ended')
      expect(front.handler.nodes()[0]).to.include({ fails: 0, state: 'up', activeRequests: 0 })
      expect(front.log.filter(({ level }) => level === 'error' || level === 'warn')).to.deep.equal([])
    })

    it('gives the request up when the client leaves in the midst of the answer', async () => {
      const node = await listenOn(http.createServer((_, response) => response.write('begun')))
      const front = await openFront(node.url)
      const client = await openRaw(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await until(() => client.received().includes('begun'), 'the answer has begun')
      client.socket.destroy()
      await until(() => node.sockets.size === 0, 'the connection to the node has ended')
      expect(front.handler.nodes()[0]).to.include({ activeRequests: 0 })
    })

    it('gives the request up when the stream of HTTP/2 is reset', async () => {
      const node = await listenOn(http.createServer((_, response) => response.write('begun')))
      const front = await openHttp2Client(node.url)
      const stream = front.session.request({ ':path': '/' })
      await new Promise((resolve) => stream.once('data', resolve))
      stream.close(8)
      await until(() => node.sockets.size === 0, 'the connection to the node has ended')
      expect(front.handler.nodes()[0]).to.include({ activeRequests: 0 })
    })

    for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      it(`cuts the client off when the node breaks off in the midst (${framing})`, async () => {
        const node = await openRawNode((socket) => {
          socket.once('data', () => {
            socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n5\r\nshort\r\n`)
            setTimeout(() => socket.destroy(), 50)
          })
        })
        const front = await openFront(node.url)
        const client = await openRaw(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await client.closed
        expect(client.received()).to.include('short').and.not.include('0\r\n\r\n')
        const http2 = await openHttp2Client(node.url)
        const answer = await http2.send({ ':path': '/' })
        expect(answer.code).to.not.equal(0)
        expect(front.handler.nodes()[0]).to.include({ fails: 0, activeRequests: 0 })
        expect(front.log.some(({ message }) => message.includes('cut short'))).to.equal(true)
      })
    }
  })
})
