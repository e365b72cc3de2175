import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { gate, inTime, type Options, overHttp1, until } from './both-ways.ts'
import { protocolOptions } from './clients.ts'
import { contentOf, exchange, get, open, statusesIn } from './half-closing-client.ts'
import { recordEvents } from './record-events.ts'
import { temporaryFolder } from './temporary-folder.ts'

const post = (path: string, fields: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n${fields}\r\n\r\n${body}`

/** Longer than a test may take. */
const keepAliveTimeout = 60_000

function register(server: Server) {
  const aborted: string[] = []
  server.get('/slow/:n', async ({ signal, params }) => {
    signal.addEventListener('abort', () => aborted.push(params['n'] ?? ''))
    await sleep(30)
    return `slow ${params['n']}\n`
  })
  server.post('/echo', async (request) => {
    await sleep(30)
    return `echo ${await request.text()}`
  })
  return aborted
}

const ways = {
  TCP: {},
  TLS: protocolOptions.https,
  'TLS beside HTTP/2': protocolOptions.http2,
}

for (const [way, secure] of Object.entries(ways)) {
  const isSecure = way !== 'TCP'
  const options: Options = { ...secure, keepAliveTimeout }
  const big = 'x'.repeat(8_000_000)
  const folder = temporaryFolder({ big })

  describe(`a client that half-closes after its requests: ${way}`, () => {
    overHttp1(
      'is answered, and then the connection ends',
      register,
      async (_send, aborted, { port }) => {
        const answer = await exchange(port, get('/slow/1'), isSecure)
        expect(statusesIn(answer)).to.deep.equal([200])
        expect(contentOf(answer)).to.equal('slow 1\n')
        expect(aborted).to.deep.equal([])
      },
      options,
    )

    overHttp1(
      'is answered all that it has pipelined',
      register,
      async (_send, aborted, { port }) => {
        const requests = [get('/slow/1'), get('/slow/2'), get('/none'), get('/slow/3')].join('')
        const answers = await exchange(port, requests, isSecure)
        expect(statusesIn(answers)).to.deep.equal([200, 200, 404, 200])
        expect(answers.match(/slow \d/g)).to.deep.equal(['slow 1', 'slow 2', 'slow 3'])
        expect(aborted).to.deep.equal([])
      },
      options,
    )

    overHttp1(
      'has its body read',
      register,
      async (_send, _aborted, { port }) => {
        const sized = await exchange(port, post('/echo', 'Content-Length: 4', 'body'), isSecure)
        const chunked = await exchange(
          port,
          post('/echo', 'Transfer-Encoding: chunked', '4\r\nbody\r\n0\r\n\r\n'),
          isSecure,
        )
        expect([sized, chunked].map(contentOf)).to.deep.equal(['echo body', 'echo body'])
      },
      options,
    )

    overHttp1(
      'is answered 400 where the body is cut short',
      (server) => {
        const statuses: unknown[] = []
        server.post('/', async (request) => {
          statuses.push(await request.text().catch((error: { status?: number }) => error.status))
        })
        return statuses
      },
      async (_send, statuses, { port }) => {
        const bodies = [post('/', 'Content-Length: 9', 'body'), post('/', 'Transfer-Encoding: chunked', '9\r\nbody')]
        for (const text of bodies) expect(statusesIn(await exchange(port, text, isSecure))).to.deep.equal([400])
        await until(() => statuses.length === 2, 'the handlers have failed')
        expect(statuses).to.deep.equal([400, 400])
      },
      options,
    )

    overHttp1(
      'has a stream to its end, as long as it flows',
      (server) =>
        server.get('/', async function* () {
          for (let i = 0; i < 10; i++) {
            yield `part ${i}\n`
            await sleep(60)
          }
        }),
      async (_send, _world, { port }) => {
        const streamed = await exchange(port, get('/'), isSecure)
        expect(streamed.match(/part \d/g)).to.have.lengthOf(10)
        expect(streamed.endsWith('\r\n0\r\n\r\n')).to.equal(true)
      },
      { ...options, halfClosedTimeout: 500 },
    )

    overHttp1(
      'has a download to its end',
      (server) => server.get('/', ({ response }) => response.serveFile(`${folder}/big`)),
      async (_send, _world, { port }) => {
        expect(contentOf(await exchange(port, get('/'), isSecure))).to.have.lengthOf(big.length)
      },
      { ...options, halfClosedTimeout: 10_000 },
    )

    overHttp1(
      'counts as gone when nothing was sent to it for halfClosedTimeout',
      (server) => {
        const { opened, open } = gate()
        const aborted: string[] = []
        server.get('/:n', async ({ signal, params }) => {
          signal.addEventListener('abort', () => aborted.push(params['n'] ?? ''))
          await opened
        })
        return { open, aborted, ran: recordEvents(server) }
      },
      async (_send, { open, aborted, ran }, { port }) => {
        expect(await exchange(port, get('/1') + get('/2'), isSecure)).to.equal('')
        await until(() => aborted.length === 2, 'the signals are aborted')
        open()
        await until(() => ran.filter((event) => event === 'AfterClose').length === 2, 'the close events have run')
      },
      { ...options, halfClosedTimeout: 50 },
    )

    overHttp1(
      'is not waited for where everything was answered before',
      register,
      async (_send, _aborted, { port }) => {
        const socket = open(port, isSecure)
        socket.write(get('/slow/1'))
        await once(socket, 'data')
        socket.end()
        await inTime(once(socket, 'end'), 'the connection ends')
        socket.destroy()
      },
      { ...options, halfClosedTimeout: 0 },
    )
  })
}
