import http from 'node:http'
import { expect } from 'chai'
import { type EventStream, HttpError } from 'tribind'
import { gate, inTime, openRaw, overHttp1, until } from './both-ways.ts'

const headers = 'Host: a\r\n\r\n'

describe('streams of server-sent events', () => {
  overHttp1(
    'end when the client leaves',
    (server) => {
      const ends: string[] = []
      server.bindHookHandler('/', 'AfterClose', () => void ends.push('AfterClose'))
      server.bindHandler('GET:/', async (request) => {
        const events = request.response.sse()
        request.signal.addEventListener('abort', () => ends.push('aborted'))
        void events.closed.then(() => ends.push('closed'))
        while (await events.send('tick')) await new Promise((resolve) => setTimeout(resolve, 5))
        ends.push('loop over')
      })
      server.get('/next', () => 'next')
      return ends
    },
    async (send, ends, { port, log }) => {
      const { socket, received } = await openRaw(port, `GET / HTTP/1.1\r\n${headers}`)
      await until(() => received().includes('tick'), 'the first event is there')
      socket.destroy()
      await until(() => ends.length === 4, 'all has ended')
      expect(ends.slice().sort()).to.deep.equal(['AfterClose', 'aborted', 'closed', 'loop over'])
      expect(ends.at(-1)).to.equal('AfterClose')
      expect((await send('/next')).text).to.equal('next')
      expect(log).to.be.empty
    },
  )

  overHttp1(
    'tell a sender who is told first that the client has left',
    (server) => {
      const said: unknown[] = []
      server.get('/', (request) => {
        const events = request.response.sse()
        const timer = setInterval(() => void events.send('tick'), 5)
        request.signal.addEventListener('abort', () => {
          clearInterval(timer)
          said.push(events.isClosed)
          void events.send('bye').then((isSent) => said.push(isSent))
        })
      })
      return said
    },
    async (_send, said, { port }) => {
      const { socket, received } = await openRaw(port, `GET / HTTP/1.1\r\n${headers}`)
      await until(() => received().includes('tick'), 'the first event is there')
      socket.destroy()
      await until(() => said.length === 2, 'it is told')
      expect(said).to.deep.equal([true, false])
    },
  )

  overHttp1(
    'end at once when the server stops, also those that are opened meanwhile',
    (server) => {
      const { opened, open } = gate()
      let late: EventStream | undefined
      server.get('/', (request) => void request.response.sse())
      server.bindHandler('GET:/late', async (request) => {
        await opened
        late = request.response.sse()
        await late.closed
      })
      return { open, late: () => late }
    },
    async (_send, { open, late }, { server, port }) => {
      const streams = await Promise.all([1, 2, 3].map(() => openRaw(port, `GET / HTTP/1.1\r\n${headers}`)))
      for (const { received } of streams) await until(() => received().includes('\r\n\r\n'), 'the head is there')
      const last = await openRaw(port, `GET /late HTTP/1.1\r\n${headers}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
      const begin = Date.now()
      const stopped = server.stop()
      for (const { received } of streams) await until(() => received().endsWith('0\r\n\r\n'), 'it has ended whole')
      open()
      await inTime(stopped, 'the server has stopped')
      expect(Date.now() - begin).to.be.lessThan(1000)
      await until(() => /^HTTP\/1\.1 200 OK[^]*0\r\n\r\n$/.test(last.received()), 'the late one has ended whole')
      expect(late()?.isClosed).to.equal(true)
    },
  )

  overHttp1(
    'wait for a client that reads slowly, as far as the sender waits',
    (server) => {
      let sent = 0
      let isDone = false
      const chunk = 'x'.repeat(10_000)
      server.bindHandler('GET:/', async (request) => {
        const events = request.response.sse()
        for (; sent < 2000; sent++) if (!(await events.send({ data: chunk, id: sent }))) break
        events.close()
        isDone = true
      })
      return { sent: () => sent, isDone: () => isDone }
    },
    async (_send, { sent, isDone }, { port }) => {
      const incoming = await new Promise<http.IncomingMessage>((resolve) => http.get({ port, agent: false }, resolve))
      incoming.pause()
      let before = -1
      while (before !== sent()) {
        before = sent()
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(sent()).to.be.greaterThan(0).and.lessThan(2000)
      expect(isDone()).to.equal(false)
      let text = ''
      for await (const chunk of incoming.setEncoding('utf8')) text += chunk as string
      expect(text.match(/^id: \d+$/gm)).to.have.lengthOf(2000)
      expect(text).to.contain('id: 1999\n')
    },
  )

  overHttp1(
    'cut off a client that reads too slowly for a sender who does not wait',
    (server) => {
      const answers: boolean[] = []
      let most = 0
      server.get('/', (request) => {
        const { response } = request
        const events = response.sse({ maxBufferedBytes: 100_000 })
        const timer = setInterval(() => {
          for (let i = 0; i < 20; i++) {
            void events.send('x'.repeat(10_000)).then((isSent) => answers.push(isSent))
            most = Math.max(most, response.raw.writableLength)
          }
        }, 1)
        void events.closed.then(() => clearInterval(timer))
      })
      server.get('/next', () => 'next')
      return { answers, most: () => most }
    },
    async (send, { answers, most }, { port }) => {
      const { socket } = await openRaw(port, `GET / HTTP/1.1\r\n${headers}`)
      socket.pause()
      await until(() => answers.includes(false), 'it is cut off', 8000)
      expect(most()).to.be.lessThan(120_000)
      expect((await send('/next')).text).to.equal('next')
      socket.destroy()
    },
  )

  overHttp1(
    'are answered with an error where the handler fails before the head is out; later they are cut',
    (server) => {
      server.bindHandler('GET:/early', async (request) => {
        request.response.sse()
        await Promise.resolve()
        throw new HttpError(403, 'Not you')
      })
      server.get('/sync', (request) => {
        request.response.sse()
        throw new HttpError(403, 'Not you')
      })
      server.bindHandler('GET:/late', async (request) => {
        await request.response.sse().send('one')
        await new Promise((resolve) => setTimeout(resolve, 20))
        throw new Error('secret')
      })
    },
    async (send, _world, { port, log }) => {
      for (const url of ['/early', '/sync']) {
        const answer = await send(url)
        const { status, text } = answer
        expect([status, text, answer.header('content-type')]).to.deep.equal([
          403,
          'Not you',
          'text/plain; charset=utf-8',
        ])
        expect(answer.header('cache-control')).to.equal(undefined)
      }
      const { socket, received } = await openRaw(port, `GET /late HTTP/1.1\r\n${headers}`)
      await inTime(new Promise((resolve) => socket.once('close', resolve)), 'it is cut')
      expect(received()).to.contain('data: one').and.to.not.contain('secret')
      expect(received()).to.not.match(/0\r\n\r\n$/)
      expect(log.filter(({ level }) => level === 'error')).to.have.lengthOf(1)
    },
  )
})
