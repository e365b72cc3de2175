import { expect } from 'chai'
import type { Server } from 'tribind'
import { openRaw, overHttp1, type Send, until } from './both-ways.ts'
import { connect, upgradeHead } from './websocket-client.ts'

const failed = ({ level }: { level: string }) => level === 'error'

function register(server: Server) {
  const closed: number[] = []
  server.bindHookHandler('/*', 'AfterClose', () => void closed.push(1))
  server.get('/next', () => 'next')
  server.bindWebSocket('/sync', () => {
    throw new Error('secret')
  })
  server.bindWebSocket('/async', async () => {
    await Promise.resolve()
    throw new Error('secret')
  })
  server.bindWebSocket('/exit', (socket, request) => {
    socket.send('before')
    request.exit()
  })
  server.bindWebSocket(
    '/',
    (socket) => {
      socket.on('message', async (data: Buffer) => {
        const text = data.toString()
        if (text === 'sync') throw new Error('secret')
        await Promise.resolve()
        if (text === 'async') throw new Error('secret')
        socket.send(text)
      })
      socket.once('message', (data: Buffer) => {
        if (data.toString() === 'once') throw new Error('secret')
      })
      socket.on('close', () => {
        throw new Error('secret')
      })
    },
    { maxPayload: 1000, heartbeatMs: 50, maxBufferedBytes: 100_000 },
  )
  server.bindWebSocket(
    '/flood',
    (socket) => {
      const timer = setInterval(() => {
        for (let i = 0; i < 20; i++) socket.send('x'.repeat(10_000))
      }, 1)
      socket.on('close', () => clearInterval(timer))
    },
    { maxBufferedBytes: 100_000 },
  )
  return closed
}

async function servesOn(send: Send, port: number): Promise<void> {
  expect((await send('/next')).text).to.equal('next')
  const { socket, messages, closed } = await connect(port, '/')
  socket.send('still there')
  await until(() => messages[0] === 'still there', 'it answers')
  socket.terminate()
  await closed
}

describe('a WebSocket that fails', () => {
  for (const path of ['/sync', '/async']) {
    overHttp1(
      `in its handler ${path} is logged and closed with 1011`,
      register,
      async (send, _world, { port, log }) => {
        const { closed } = await connect(port, path)
        expect(await closed).to.deep.equal([1011, 'Internal Error'])
        expect(log.filter(failed)).to.have.lengthOf(1)
        await servesOn(send, port)
      },
    )
  }

  for (const text of ['sync', 'async', 'once']) {
    overHttp1(
      `in a listener (${text}) is logged and closed with 1011`,
      register,
      async (send, _world, { port, log }) => {
        const { socket, closed } = await connect(port, '/')
        socket.send(text)
        expect(await closed).to.deep.equal([1011, 'Internal Error'])
        expect(log.filter(failed)).to.not.be.empty
        await servesOn(send, port)
      },
    )
  }

  overHttp1('is not one whose handler leaves with exit', register, async (_send, _world, { port, log }) => {
    const { socket, messages, closed } = await connect(port, '/exit')
    await until(() => messages[0] === 'before', 'it is open')
    socket.close(4001)
    expect(log).to.deep.equal([])
    expect((await closed)[0]).to.equal(4001)
  })

  overHttp1('by a message over maxPayload is closed with 1009', register, async (send, ends, { port }) => {
    const { socket, closed } = await connect(port, '/')
    socket.send('x'.repeat(1001))
    expect((await closed)[0]).to.equal(1009)
    await until(() => ends.length > 0, 'its request is over')
    await servesOn(send, port)
  })

  for (const [what, bytes] of Object.entries({
    'a frame that is not masked': [0x81, 0x01, 0x61],
    'reserved bits': [0xf1, 0x80, 0, 0, 0, 0],
    'text that is not UTF-8': [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe],
    'an unknown opcode': [0x83, 0x80, 0, 0, 0, 0],
    'a length of 2^63': [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
  })) {
    overHttp1(`by ${what} is closed, and nothing else`, register, async (send, ends, { port, log }) => {
      // The frame comes with the head: it must not be lost, nor read before its time.
      const text = upgradeHead('/') + String.fromCharCode(...bytes)
      const { received, socket } = await openRaw(port, text)
      await until(() => received().includes('\x88'), 'it is closed')
      socket.destroy()
      await until(() => ends.length > 0, 'its request is over')
      expect(log.some(({ message }) => message.startsWith('A WebSocket was closed'))).to.equal(true)
      await servesOn(send, port)
    })
  }

  overHttp1('by a reset of its connection is over', register, async (send, ends, { port }) => {
    for (let i = 0; i < 5; i++) {
      const { socket, received } = await openRaw(port, upgradeHead('/'))
      await until(() => received().includes('101'), 'it is open')
      socket.resetAndDestroy()
    }
    await until(() => ends.length === 5, 'all are over')
    await servesOn(send, port)
  })

  overHttp1(
    'by a client that leaves during the handshake is over',
    (server) => {
      let waiting = 0
      server.use(async (request, next) => {
        if (request.path === '/slow') {
          waiting++
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        await next()
      })
      server.bindWebSocket('/slow', () => {})
      return { waiting: () => waiting, ends: register(server) }
    },
    async (send, { waiting, ends }, { port }) => {
      for (const leave of ['resetAndDestroy', 'end', 'destroy'] as const) {
        const { socket } = await openRaw(port, upgradeHead('/slow'))
        const before = waiting()
        await until(() => waiting() > before || before > ends.length, 'it waits')
        socket[leave]()
      }
      await until(() => ends.length === 3, 'all are over')
      await servesOn(send, port)
    },
  )

  overHttp1('to answer pings is cut', register, async (send, ends, { port }) => {
    const { socket } = await connect(port, '/', { autoPong: false })
    await until(() => ends.length === 1, 'it is cut')
    expect(socket.readyState).to.not.equal(socket.CONNECTING)
    const awake = await connect(port, '/')
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(awake.socket.readyState).to.equal(awake.socket.OPEN)
    awake.socket.terminate()
    await servesOn(send, port)
  })

  overHttp1('to read what it is sent is cut', register, async (send, ends, { port }) => {
    const { socket } = await openRaw(port, upgradeHead('/flood'))
    socket.pause()
    await until(() => ends.length === 1, 'it is cut', 8000)
    socket.destroy()
    await servesOn(send, port)
  })
})
