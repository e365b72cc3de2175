import { readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { bothWays, openRaw, overHttp1, rawExchange, type Send, until } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

const big = Buffer.alloc(8 * 1024 * 1024, 'x')

describe('open files', () => {
  let folder = ''
  const file = (name: string) => `${folder}/${name}`
  const next = async (send: Send) => expect((await send('/next')).text).to.equal('next')

  const warnings: string[] = []
  const warn = (warning: Error) => warnings.push(warning.message)

  before(() => {
    process.on('warning', warn)
    folder = temporaryFolder({ 'a.txt': '0123456789', 'big.bin': big })
  })

  after(() => process.off('warning', warn))

  const openBelow = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
      } catch {
        return false
      }
    }).length

  overHttp1(
    'are closed when the client leaves midway, and no more is read than it takes',
    (server) => {
      server.get('/big', ({ response }) => response.serveFile(file('big.bin')))
      server.get('/next', () => 'next')
    },
    async (send, _world, { port }) => {
      const clients = []
      for (let i = 0; i < 5; i++) {
        const client = await openRaw(port, 'GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n')
        client.socket.pause()
        clients.push(client)
      }
      await until(() => openBelow() === 5, 'the files are open')
      for (const { socket } of clients) socket.destroy()
      await until(() => openBelow() === 0, 'the files are closed')
      await next(send)
    },
  )

  bothWays(
    'are closed whatever becomes of the response',
    (server) => {
      server.get('/whole', ({ response }) => response.serveFile(file('a.txt')))
      server.get('/dropped', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        response.writeOver('dropped')
      })
      server.get('/no-content', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        response.status = 204
      })
      server.get('/failed', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        throw new Error('after it')
      })
      server.get('/raw', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        response.raw.end('raw')
      })
    },
    async (send) => {
      for (const url of ['/whole', '/dropped', '/no-content', '/failed', '/raw']) await send(url)
      await send('HEAD /whole')
      await until(() => openBelow() === 0, 'the files are closed')
      expect(warnings, 'closed by hand, not by the garbage collector').to.deep.equal([])
    },
  )

  overHttp1(
    'a file that shrinks while it is sent cuts the connection',
    (server) => {
      server.get('/shrinks', async ({ response }) => {
        await response.serveFile(file('shrinks.bin'))
        truncateSync(file('shrinks.bin'), 100)
      })
      server.get('/next', () => 'next')
    },
    async (send, _world, { port }) => {
      writeFileSync(file('shrinks.bin'), big)
      const answer = await rawExchange(port, 'GET /shrinks HTTP/1.1\r\nHost: localhost\r\n\r\n')
      expect(answer).to.match(/content-length: 8388608/i)
      expect(answer.length).to.be.lessThan(1000)
      expect(openBelow()).to.equal(0)
      await next(send)
    },
  )
})
