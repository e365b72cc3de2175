import { once } from 'node:events'
import net from 'node:net'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { accesses } from './accesses.ts'
import { gate, openRaw, overHttp1 } from './both-ways.ts'

const accessLog = true

describe('access log: clients that leave', () => {
  overHttp1(
    'before the head: there is no status',
    (server) => {
      const { opened, open } = gate()
      const arrived = gate()
      server.get('/slow', () => {
        arrived.open()
        return opened
      })
      return { open, arrived: arrived.opened }
    },
    async (_send, { open, arrived }, { port, log }) => {
      const { socket } = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
      await arrived
      socket.destroy()
      const [record] = await accesses(log)
      open()
      expect(record).to.include({ message: 'GET /slow aborted', aborted: true, bytes: 0, ip: '127.0.0.1' })
      expect(record).to.not.have.property('status')
    },
    { accessLog },
  )

  overHttp1(
    'within the body: the bytes are those that were sent',
    (server) =>
      server.get('/endless', () =>
        Readable.from(
          (function* () {
            for (;;) yield Buffer.alloc(10_000)
          })(),
        ),
      ),
    async (_send, _world, { port, log }) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
      await once(socket, 'data')
      socket.destroy()
      const [record] = await accesses(log)
      expect(record).to.include({ message: 'GET /endless 200', status: 200, aborted: true })
      expect(record?.['bytes']).to.be.greaterThan(0)
      expect(Number(record?.['bytes']) % 10_000).to.equal(0)
    },
    { accessLog },
  )

  overHttp1(
    'within a body that was handed over whole: it is not counted as sent',
    (server) => {
      server.get('/buffered', () => Buffer.alloc(50_000_000))
      server.get('/raw', ({ response }) => void response.raw.end(Buffer.alloc(50_000_000)))
    },
    async (_send, _world, { port, log }) => {
      for (const path of ['/buffered', '/raw']) {
        const socket = net.connect(port, '127.0.0.1')
        socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
        await once(socket, 'data')
        socket.destroy()
      }
      const records = await accesses(log, 2)
      for (const record of records) expect(record).to.include({ status: 200, aborted: true, bytes: 0 })
    },
    { accessLog },
  )

  overHttp1(
    'within such a body, with a request behind it: neither passes for answered',
    (server) => {
      server.get('/buffered', () => Buffer.alloc(50_000_000))
      server.get('/slow', ({ signal }) => once(signal, 'abort'))
    },
    async (_send, _world, { port, log }) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.write(['/buffered', '/slow'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
      await once(socket, 'data')
      socket.destroy()
      for (const record of await accesses(log, 2)) expect(record).to.include({ aborted: true, bytes: 0 })
    },
    { accessLog },
  )

  overHttp1(
    'while requests wait behind another: each has its record',
    (server) => {
      const { opened, open } = gate()
      const arrived = gate()
      let count = 0
      server.get('/:n', () => {
        if (++count === 2) arrived.open()
        return opened
      })
      return { open, arrived: arrived.opened }
    },
    async (_send, { open, arrived }, { port, log }) => {
      const head = (n: number) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`
      const { socket } = await openRaw(port, head(1) + head(2))
      await arrived
      socket.destroy()
      const records = await accesses(log, 2)
      open()
      expect(records.map(({ message }) => message)).to.have.members(['GET /1 aborted', 'GET /2 aborted'])
    },
    { accessLog },
  )
})
