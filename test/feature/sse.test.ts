import { expect } from 'chai'
import { Controller, type EventStream, type Server } from 'tribind'
import { callUntyped, inTime, openRaw, overHttp1, overSocket, thrownBy, until } from './both-ways.ts'

const headers = 'Host: a\r\n\r\n'

/** The events in a stream, as a browser reads them (HTML Living Standard, section 9.2.6). */
function parseEvents(text: string): { event: string; data: string; id: string }[] {
  const events: { event: string; data: string; id: string }[] = []
  let id = ''
  let event = ''
  let data: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data.length > 0) events.push({ event: event || 'message', data: data.join('\n'), id })
      event = ''
      data = []
      continue
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === 'data') data.push(value)
    else if (name === 'event') event = value
    else if (name === 'id') id = value
  }
  return events
}

/** Serves one stream at `/`, and says what its handler threw. */
function streaming(use: (events: EventStream) => unknown) {
  return (server: Server) => {
    server.bindHandler('GET:/', async (request) => {
      const events = request.response.sse()
      await use(events)
      events.close()
    })
    server.get('/next', () => 'next')
  }
}

describe('server-sent events', () => {
  overSocket(
    'go out as the format has it, whatever ends the lines of their data',
    streaming(async (events) => {
      await events.send('one')
      await events.send('a\nb\r\nc\rd\n')
      await events.send({ event: 'news', data: { n: 1 }, id: 7, retry: 1500 })
      await events.send({ data: '', id: '' })
      await events.send({ any: 'thing', data: 1 })
      await events.send(12)
      await events.send(null)
      await events.send(undefined)
      await events.comment('not\nseen')
      await events.send(': no comment\n\ndata: one line\nid: 5')
    }),
    async (send) => {
      const answer = await send('/')
      const { status, text } = answer
      const header = (name: string) => answer.header(name)
      expect(status).to.equal(200)
      expect(header('content-type')).to.equal('text/event-stream; charset=utf-8')
      expect(header('cache-control')).to.equal('no-cache')
      expect(header('x-accel-buffering')).to.equal('no')
      expect(header('content-length')).to.equal(undefined)
      expect(text).to.contain('event: news\nid: 7\nretry: 1500\ndata: {"n":1}\n\n')
      expect(text).to.contain(': not\n: seen\n\n')
      const message = (data: string, id = '') => ({ event: 'message', data, id })
      expect(parseEvents(text)).to.deep.equal([
        message('one'),
        message('a\nb\nc\nd\n'),
        { event: 'news', data: '{"n":1}', id: '7' },
        message(''),
        message('{"any":"thing","data":1}'),
        message('12'),
        message('null'),
        message('null'),
        message(': no comment\n\ndata: one line\nid: 5'),
      ])
    },
  )

  const refused = {
    'an event with LF': { event: 'a\ndata: x', data: '' },
    'an event with CR': { event: 'a\rdata: x', data: '' },
    'an event with NUL': { event: 'a\0', data: '' },
    'an event that is no text': { event: {} as string, data: '' },
    'an id with LF': { id: '1\n\n', data: '' },
    'an id with CR': { id: '1\r', data: '' },
    'an id with NUL': { id: '1\0', data: '' },
    'a retry that is no number': { retry: '1\n' as unknown as number, data: '' },
    'a retry below 0': { retry: -1, data: '' },
  }
  for (const [what, event] of Object.entries(refused)) {
    overSocket(
      `refuse ${what}, and send nothing of it`,
      streaming((events) => {
        const error = thrownBy(() => events.send(event))
        return events.send(`${error.name} ${String(error.code)}`)
      }),
      async (send) => {
        expect(parseEvents((await send('/')).text)).to.deep.equal([
          { event: 'message', data: 'ResponseError ERR_TRIBIND_RESPONSE', id: '' },
        ])
        expect((await send('/next')).text).to.equal('next')
      },
    )
  }

  overHttp1(
    'send their head at once, with what hooks, middleware and cookies add to it',
    (server) => {
      const opened: EventStream[] = []
      const order: string[] = []
      for (const event of ['BeforePatch', 'AfterPatch', 'AfterOutput', 'BeforeClose', 'AfterClose'] as const)
        server.bindHookHandler('/*', event, () => void order.push(event))
      server.use(async (request, next) => {
        request.cookie.set('seen', '1')
        await next()
        request.response.setHeader('X-After', 'yes')
      })
      server.get('/', (request) => {
        request.response.write('gone')
        opened.push(request.response.sse())
        request.response.write('gone too')
      })
      return { opened, order }
    },
    async (_send, { opened, order }, { port }) => {
      const { socket, received } = await openRaw(port, `GET / HTTP/1.1\r\n${headers}`)
      await until(() => received().includes('\r\n\r\n'), 'the head is there')
      expect(received()).to.match(/^HTTP\/1\.1 200 OK\r\n/)
      expect(received()).to.contain('X-After: yes\r\n').and.to.contain('Set-Cookie: seen=1')
      expect(received()).to.not.contain('gone')
      expect(order).to.deep.equal(['BeforePatch', 'AfterPatch'])
      expect(opened[0]?.isClosed).to.equal(false)
      opened[0]?.close()
      await inTime(opened[0]?.closed ?? Promise.reject(new Error('none')), 'the stream is closed')
      await until(() => order.length === 5, 'the request is over')
      expect(order.slice(2)).to.deep.equal(['AfterOutput', 'BeforeClose', 'AfterClose'])
      expect(await opened[0]?.send('late')).to.equal(false)
      socket.destroy()
    },
  )

  overSocket(
    'may be what a handler returns',
    (server) => {
      server.get('/', (request) => {
        const events = request.response.sse()
        void events.send('a')
        events.close()
        return events
      })
    },
    async (send) => {
      expect((await send('/')).text).to.equal('data: a\n\n')
    },
  )

  overSocket(
    'know the id that a client comes back with',
    (server) => {
      server.get('/', (request) => {
        const events = request.response.sse()
        void events.send(events.lastEventId)
        events.close()
      })
    },
    async (send) => {
      expect((await send('/')).text).to.equal('data: \n\n')
      const id = Buffer.from('ä1').toString('latin1')
      expect((await send({ url: '/', headers: { 'last-event-id': id } })).text).to.equal('data: ä1\n\n')
    },
  )

  overSocket(
    'of a controller go out while its method runs on, and shut comes after it',
    (server) => {
      const order: string[] = []
      class Clock extends Controller {
        override init() {
          order.push('init')
        }

        async tick() {
          const events = this.response.sse()
          for (let i = 0; i < 3; i++) {
            await new Promise((resolve) => setTimeout(resolve, 5))
            await events.send(String(i))
          }
          order.push('ticked')
          events.close()
        }

        override shut() {
          order.push('shut')
        }
      }
      server.use(async (_request, next) => {
        await next()
        order.push('after next')
      })
      server.bindController('/clock', Clock)
      server.bindHookHandler('/*', 'AfterClose', () => void order.push('AfterClose'))
      return order
    },
    async (send, order) => {
      expect((await send('/clock/tick')).text).to.equal('data: 0\n\ndata: 1\n\ndata: 2\n\n')
      await until(() => order.length === 5, 'the request is over')
      expect(order).to.deep.equal(['init', 'after next', 'ticked', 'shut', 'AfterClose'])
    },
  )

  overHttp1(
    'beat while nothing else is sent, and no longer than the stream is open',
    (server) => {
      const opened: EventStream[] = []
      server.get('/', (request) => void opened.push(request.response.sse({ heartbeatMs: 10 })))
      server.get('/never', (request) => void opened.push(request.response.sse({ heartbeatMs: 0 })))
      return opened
    },
    async (_send, opened, { port }) => {
      const { received } = await openRaw(port, `GET / HTTP/1.1\r\n${headers}`)
      const never = await openRaw(port, `GET /never HTTP/1.1\r\n${headers}`)
      await until(() => received().split('\r\n:\n\n\r\n').length > 3, 'it has beaten three times')
      for (const events of opened) events.close()
      await until(() => received().endsWith('0\r\n\r\n'), 'it has ended')
      await until(() => never.received().endsWith('0\r\n\r\n'), 'it has ended')
      expect(never.received()).to.not.contain(':\n\n')
    },
  )

  overSocket(
    'give the head alone to HEAD',
    streaming((events) => events.closed),
    async (send) => {
      const answer = await inTime(send('HEAD /'), 'HEAD is answered')
      const { status, text } = answer
      expect([status, text]).to.deep.equal([200, ''])
      expect(answer.header('content-type')).to.equal('text/event-stream; charset=utf-8')
    },
  )

  overSocket(
    'are refused with options out of range and after the response has gone out',
    (server) => {
      server.get('/:heartbeat', (request) => {
        request.response.sse({ heartbeatMs: Number(request.params.heartbeat) })
      })
      server.get('/late', (request) => {
        request.response.raw.end('sent')
        return thrownBy(() => request.response.sse()).name
      })
      server.get('/untyped', (request) => {
        const call = () => callUntyped(request.response, 'sse', { maxBufferedBytes: '1' })
        return thrownBy(call).message
      })
    },
    async (send) => {
      expect((await send('/-1')).status).to.equal(500)
      expect((await send('/x')).status).to.equal(500)
      expect((await send('/late')).text).to.equal('sent')
      expect((await send('/untyped')).text).to.contain('maxBufferedBytes')
    },
  )

  overSocket(
    'of one client never reach another',
    (server) => {
      server.bindHandler('GET:/:name', async (request) => {
        const events = request.response.sse()
        for (let i = 0; i < 20; i++) {
          await events.send(`${request.params.name} ${i}`)
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        events.close()
      })
    },
    async (send) => {
      const names = Array.from({ length: 20 }, (_, i) => `n${i}`)
      const texts = await Promise.all(names.map(async (name) => (await send(`/${name}`)).text))
      for (const [i, text] of texts.entries())
        expect(text).to.equal(Array.from({ length: 20 }, (_, n) => `data: n${i} ${n}\n\n`).join(''))
    },
  )
})
