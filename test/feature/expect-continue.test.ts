import { expect } from 'chai'
import type http2 from 'node:http2'
import { fromConnect, HttpError, type Server } from 'tribind'
import { openRaw, overHttp1, until } from './both-ways.ts'
import { sendStream } from './clients.ts'
import { closeAll, create, open } from './http2-world.ts'

function register(server: Server) {
  server.post('/text', (request) => request.text())
  server.post('/late', async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return request.text()
  })
  server.post('/unread', () => 'unread')
  server.post('/stream', ({ body }) => body)
  server.post('/guarded', (request) => request.text())
  server.bindHookHandler('/guarded', 'BeforeServe', () => {
    throw new HttpError(401, 'who are you?')
  })
  server.bindMiddleware(
    '/guest',
    fromConnect((req, res) => void req.pipe(res)),
  )
}

const options = { maxBodySize: 10 }
const cases: Record<string, [length: number, status: number, isContinued: boolean]> = {
  '/text': [4, 200, true],
  '/late': [4, 200, true],
  '/stream': [4, 200, true],
  '/guest': [4, 200, true],
  '/unread': [4, 200, false],
  '/text?large': [11, 413, false],
  '/stream?large': [11, 413, false],
  '/missing': [4, 404, false],
  '/guarded': [4, 401, false],
}

describe('a client that expects 100', () => {
  for (const [url, [length, status, isContinued]] of Object.entries(cases)) {
    const what = `${url} of ${length} bytes ${isContinued ? 'is told to send them' : `is answered ${status} at once`}`

    overHttp1(
      what,
      register,
      async (_send, _world, { port }) => {
        const head = `POST ${url} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`
        const { socket, received, closed } = await openRaw(port, head)
        await until(() => received() !== '', 'something is answered')
        if (isContinued) {
          expect(received()).to.equal('HTTP/1.1 100 Continue\r\n\r\n')
          socket.write('body')
          await until(() => received().includes('200 OK'), 'it is answered')
          await until(() => received().includes('body'), 'it is echoed')
          socket.destroy()
        } else {
          // Whether the body still comes can't be known: the connection ends.
          await closed
          expect(received()).to.match(new RegExp(`^HTTP/1.1 ${status} [^]*Connection: close`, 'i'))
        }
      },
      options,
    )

    it(`${what} [http2]`, async () => {
      const session = await open(create(register, options))
      const stream = session.request({
        ':path': url,
        ':method': 'POST',
        expect: '100-continue',
        'content-length': length,
      })
      let continued = false
      let answered = 0
      stream.on('error', () => {})
      stream.on('continue', () => {
        continued = true
        stream.end('body')
      })
      stream.on('response', (head: http2.IncomingHttpHeaders) => (answered = Number(head[':status'])))
      await until(() => answered !== 0, 'it is answered')
      expect([answered, continued]).to.deep.equal([status, isContinued])
      stream.destroy()
      await closeAll()
    })
  }

  it('and leaves when it has sent its body unasked harms no other [http2]', async () => {
    let isServed = false
    let isClosed = false
    const server = create((server) => {
      server.bindHookHandler('/', 'AfterClose', () => void (isClosed = true))
      server.post('/', async ({ signal, response: { raw } }) => {
        isServed = true
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        raw.writeEarlyHints({ link: '</a.css>; rel=preload' })
      })
      server.get('/next', () => 'next')
    })
    const session = await open(server)
    const stream = session.request({ ':path': '/', ':method': 'POST', expect: '100-continue' })
    stream.on('error', () => {})
    stream.end('body')
    await until(() => isServed, 'it is served')
    // Its answer shows that what was sent before has arrived.
    await new Promise((resolve) => session.ping(resolve))
    stream.close(8)
    await until(() => isClosed, 'the close events have run')
    expect((await sendStream(session, '/next')).text).to.equal('next')
    await closeAll()
  })
})
