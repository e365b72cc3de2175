import { expect } from 'chai'
import { httpProxy } from 'tribind/forward'
import { until } from '../feature/both-ways.ts'
import {
  basic,
  closeAll,
  closed,
  exchange,
  findUnusedPort,
  join,
  openOrigin,
  openProxy,
  openTcp,
  readAll,
  statusIn,
  take,
  takeHead,
  tunnelTo,
} from './proxy-world.ts'

describe('httpProxy', () => {
  afterEach(closeAll)

  describe('a tunnel by CONNECT', () => {
    it('passes what either side sends, as it is', async () => {
      const { port } = await openTcp()
      const { port: proxy } = await openProxy(httpProxy())
      const { head, socket } = await tunnelTo(proxy, `127.0.0.1:${port}`)
      expect(head).to.match(/^HTTP\/1\.1 200 /)
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
      socket.write(bytes)
      expect(await take(socket, 256)).to.deep.equal(bytes)
    })

    it('passes what was sent along with the request', async () => {
      const { port } = await openTcp()
      const { port: proxy } = await openProxy(httpProxy())
      const socket = await join(proxy)
      socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n\r\nearly`)
      await takeHead(socket)
      expect((await take(socket, 5)).toString()).to.equal('early')
    })

    it('may be half closed by either side', async () => {
      const origin = await openTcp((socket) => {
        socket.resume().once('end', () => socket.end('after the end'))
      })
      const { port: proxy, stats } = await openProxy(httpProxy())
      const { socket } = await tunnelTo(proxy, `127.0.0.1:${origin.port}`)
      socket.end('all of it')
      expect(await readAll(socket)).to.equal('after the end')
      await until(() => stats().currentConns === 0, 'the connection has ended')
      const other = await openTcp((socket) => {
        socket.end('first')
        socket.once('data', (text: Buffer) => seen.push(String(text)))
      })
      const seen: string[] = []
      const { socket: second } = await tunnelTo(proxy, `127.0.0.1:${other.port}`)
      expect(await readAll(second)).to.equal('first')
      second.end('then')
      await until(() => seen.length === 1, 'the target has it')
      expect(seen).to.deep.equal(['then'])
    })

    it('that breaks on one side is cut on the other', async () => {
      const origin = await openTcp()
      const { port: proxy, stats } = await openProxy(httpProxy())
      const { socket } = await tunnelTo(proxy, `127.0.0.1:${origin.port}`)
      const errors: string[] = []
      socket.on('error', ({ code }: NodeJS.ErrnoException) => errors.push(String(code)))
      origin.connections[0]?.resetAndDestroy()
      await closed(socket)
      expect(errors).to.deep.equal(['ECONNRESET'])
      const { socket: second } = await tunnelTo(proxy, `127.0.0.1:${origin.port}`)
      second.resetAndDestroy()
      await closed(origin.connections[1])
      await until(() => stats().currentConns === 0, 'both have ended')
      expect(stats().totalErrs).to.equal(0)
    })

    it('holds back a side whose other side reads nothing', async () => {
      let sent = 0
      const chunk = Buffer.alloc(2 ** 16)
      const origin = await openTcp((socket) => {
        const fill = () => {
          while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
        }
        socket.on('drain', fill)
        fill()
      })
      const { port: proxy } = await openProxy(httpProxy())
      const { socket } = await tunnelTo(proxy, `127.0.0.1:${origin.port}`)
      socket.pause()
      let before = -1
      while (before !== sent) {
        before = sent
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(sent).to.be.lessThan(2 ** 25)
    })

    it('is counted: its bytes, and the request', async () => {
      const { port } = await openTcp()
      const { port: proxy, stats } = await openProxy(httpProxy())
      const { head, socket } = await tunnelTo(proxy, `127.0.0.1:${port}`)
      const before = stats()
      socket.write(Buffer.alloc(1000))
      await take(socket, 1000)
      await until(() => stats().outputBytes === head.length + 1000, 'it is counted')
      expect(stats()).to.include({ totalRequests: 1, currentRequests: 0, totalConns: 1, currentConns: 1 })
      expect(stats().inputBytes).to.equal(before.inputBytes + 1000)
    })

    it('is 502 where the target refuses, and 400 for what is no target', async () => {
      const { port } = await openTcp()
      const { port: proxy, stats } = await openProxy(httpProxy())
      const unused = await findUnusedPort()
      expect(statusIn(await exchange(proxy, `CONNECT 127.0.0.1:${unused} HTTP/1.1\r\nHost: a\r\n\r\n`))).to.equal(502)
      expect(stats().totalErrs).to.equal(1)
      for (const target of [
        '127.0.0.1',
        '/',
        `http://127.0.0.1:${port}/`,
        '127.0.0.1:0',
        '127.0.0.1:65536',
        'a_b@c:80',
      ])
        expect(statusIn(await exchange(proxy, `CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)), target).to.equal(400)
    })

    it('is 502 where the name stands for nothing', async () => {
      const { port: proxy } = await openProxy(httpProxy())
      expect(statusIn(await exchange(proxy, 'CONNECT nothing.invalid:80 HTTP/1.1\r\nHost: a\r\n\r\n'))).to.equal(502)
    })
  })

  describe('auth', () => {
    const users = { alice: 'wonder:land', bob: 'secret' }

    it('asks for a name and password, and lets in who has them', async () => {
      const origin = await openOrigin()
      const { port: proxy } = await openProxy(httpProxy({ auth: users }))
      const get = (fields: string) =>
        exchange(
          proxy,
          `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`,
        )
      const asked = await get('')
      expect(statusIn(asked)).to.equal(407)
      expect(asked).to.contain('Proxy-Authenticate: Basic realm="proxy", charset="UTF-8"')
      for (const fields of [
        basic('alice', 'wrong'),
        basic('carol', 'secret'),
        'Proxy-Authorization: Bearer x\r\n',
        'Proxy-Authorization: Basic ???\r\n',
        'Authorization: Basic Ym9iOnNlY3JldA==\r\n',
      ])
        expect(statusIn(await get(fields)), fields).to.equal(407)
      expect(origin.requests).to.deep.equal([])
      expect(statusIn(await get(basic('alice', 'wonder:land')))).to.equal(200)
      expect(origin.requests[0]?.headers).to.not.have.property('proxy-authorization')
    })

    it('asks once more over the same connection', async () => {
      const { port } = await openTcp()
      const { port: proxy, stats } = await openProxy(httpProxy({ auth: users }))
      const { head, socket } = await tunnelTo(proxy, `127.0.0.1:${port}`)
      expect(statusIn(head)).to.equal(407)
      await take(socket, Number(/content-length: (\d+)/i.exec(head)?.[1]))
      socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n${basic('bob', 'secret')}\r\n`)
      expect(statusIn(await takeHead(socket))).to.equal(200)
      socket.write('through')
      expect((await take(socket, 7)).toString()).to.equal('through')
      expect(stats()).to.include({ totalConns: 1, totalRequests: 2, totalErrs: 0 })
    })

    it('asks so once alone: a client that goes on without is let go', async () => {
      const { port: proxy, stats } = await openProxy(httpProxy({ auth: users }))
      const answers = await exchange(proxy, 'CONNECT a.invalid:80 HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50))
      expect(answers.match(/HTTP\/1\.1 407/g)).to.have.length(2)
      await until(() => stats().currentConns === 0, 'it has ended')
    })

    it('may be a function, also one that returns a promise; what it throws lets nobody in', async () => {
      const { port } = await openTcp()
      const auth = async (user: string, password: string) => {
        if (user === 'broken') throw new Error('no directory')
        await Promise.resolve()
        return password === user.toUpperCase()
      }
      const { port: proxy } = await openProxy(httpProxy({ auth }))
      const ask = async (user: string, password: string) =>
        statusIn((await tunnelTo(proxy, `127.0.0.1:${port}`, `Connection: close\r\n${basic(user, password)}`)).head)
      expect(await ask('eve', 'EVE')).to.equal(200)
      expect(await ask('eve', 'eve')).to.equal(407)
      expect(await ask('broken', 'BROKEN')).to.equal(500)
    })
  })
})
