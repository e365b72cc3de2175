import { once } from 'node:events'
import type { Http2ServerRequest } from 'node:http2'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { gate, inTime, rejected, until } from './both-ways.ts'
import { sendStream } from './clients.ts'
import { closeAll, create, open } from './http2-world.ts'

describe('http2: sessions', () => {
  afterEach(closeAll)

  it('closes idle sessions at once, and lets streams in flight finish', async () => {
    const { opened, open: goOn } = gate()
    let isIn = false
    const server = create((server) => {
      server.bindHandler('/slow', async () => {
        isIn = true
        await opened
        return 'done'
      })
    })
    const idle = await open(server)
    const busy = await open(server)
    const goaway = once(busy, 'goaway')
    const answer = sendStream(busy, '/slow')
    await until(() => isIn, 'the request is in')
    const stopped = server.stop()
    await inTime(once(idle, 'close'), 'the idle session is closed')
    await inTime(goaway, 'the busy one is told')
    goOn()
    expect((await answer).text).to.equal('done')
    await inTime(stopped, 'the server has stopped')
  })

  it('leaves nothing of a session in memory that is over', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const sessions: WeakRef<object>[] = []
    const server = create(
      (server) => {
        server.get('/', ({ raw }) => {
          const { session } = (raw as unknown as Http2ServerRequest).stream
          if (session !== undefined) sessions.push(new WeakRef(session))
        })
      },
      { connectionsCheckingInterval: 20 },
    )
    for (let i = 0; i < 10; i++) {
      const client = await open(server)
      await sendStream(client, '/')
      client.close()
      await once(client, 'close')
    }
    expect(sessions).to.have.length(10)
    await until(() => {
      collect()
      return sessions.filter((session) => session.deref() !== undefined).length <= 1
    }, 'they are collected')
  })

  it('cuts what has not finished by stopTimeout', async () => {
    let isIn = false
    const server = create(
      (server) => {
        server.bindHandler('/never', () => {
          isIn = true
          return new Promise(() => {})
        })
      },
      { stopTimeout: 50 },
    )
    const session = await open(server)
    const cut = rejected(sendStream(session, '/never'))
    await until(() => isIn, 'the request is in')
    await inTime(server.stop(), 'the server has stopped', 5000)
    await cut
  })

  it('does not wait longer for a client that neither reads nor closes its connection', async () => {
    const server = create((server) => server.bindHandler('/', () => 'text'), { stopTimeout: 50 })
    const session = await open(server)
    const stream = session.request({ ':path': '/' }).on('error', () => {})
    await once(stream, 'response')
    await inTime(server.stop(), 'the server has stopped')
  })

  it('ends streams of events', async () => {
    const server = create((server) => {
      server.bindHandler('/events', ({ response }) => {
        void response.sse().send('one')
      })
    })
    const session = await open(server)
    const stream = session.request({ ':path': '/events' })
    let received = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => (received += chunk))
    await once(stream, 'data')
    await inTime(Promise.all([server.stop(), once(stream, 'end')]), 'the server has stopped')
    expect(received).to.equal('data: one\n\n')
  })

  it('are closed when they were idle for keepAliveTimeout, and not before', async () => {
    const server = create(
      (server) => server.bindHandler('/', async () => new Promise((resolve) => setTimeout(resolve, 200, 'slow'))),
      { keepAliveTimeout: 50 },
    )
    const session = await open(server)
    const closed = once(session, 'close')
    expect((await sendStream(session, '/')).text).to.equal('slow')
    await inTime(closed, 'it is closed')
  })
})
