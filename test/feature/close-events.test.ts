import { expect } from 'chai'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import type { Request, Server } from 'tribind'
import { bothWays, gate, inTime, openRaw, overHttp1, overSocket, turns, until } from './both-ways.ts'

/** Notes the close events by the path of the request. */
function watch(server: Server): string[] {
  const seen: string[] = []
  for (const event of ['BeforeClose', 'AfterClose'] as const) {
    server.bindHookHandler('/*', event, async (request) => {
      await Promise.resolve()
      seen.push(`${event} ${request.path}`)
    })
  }
  return seen
}

async function closedOnce(seen: string[], path: string): Promise<void> {
  await until(() => seen.includes(`AfterClose ${path}`), `AfterClose of ${path}`)
  await turns()
  expect(seen).to.deep.equal([`BeforeClose ${path}`, `AfterClose ${path}`])
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

async function* failingAfter(parts: number) {
  for (let i = 0; i < parts; i++) {
    yield `part ${i}\n`
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('secret')
}

describe('close events: exactly once', () => {
  const plain: Record<string, (server: Server) => void> = {
    'after a plain answer': (server) => server.bindHandler('/x', () => 'x'),
    'after nothing was written': (server) => server.bindHandler('/x', () => {}),
    'after a 404': () => {},
    'after a stream': (server) => server.bindHandler('/x', () => Readable.from(['a', 'b'])),
    'after a web Response': (server) => server.bindHandler('/x', () => new Response('a')),
    'after a redirect': (server) => server.bindHandler('/x', (request) => request.response.redirectTo('/y')),
    'after 204': (server) => server.bindHandler('/x', (request) => request.response.writeStatus(204)),
    'after an error in a handler': (server) =>
      server.bindHandler('/x', () => {
        throw new Error('secret')
      }),
    'after an error in a handler that had written': (server) =>
      server.bindHandler('/x', async (request) => {
        request.response.write('written')
        await Promise.resolve()
        throw new Error('secret')
      }),
    'after an error in BeforeOutput': (server) =>
      server.bindHookHandler('/x', 'BeforeOutput', () => {
        throw new Error('secret')
      }),
    'after an error in AfterOutput': (server) =>
      server.bindHookHandler('/x', 'AfterOutput', () => {
        throw new Error('secret')
      }),
    'after exitAll in BeforeServe': (server) =>
      server.bindHookHandler('/x', 'BeforeServe', (request) => request.exitAll()),
    'after exitAll in AfterOutput': (server) =>
      server.bindHookHandler('/x', 'AfterOutput', (request) => request.exitAll()),
    'after an error in BeforeClose itself': (server) =>
      server.bindHookHandler('/x', 'BeforeClose', () => {
        throw new Error('secret')
      }),
  }
  for (const [name, register] of Object.entries(plain)) {
    bothWays(
      name,
      (server) => {
        register(server)
        return watch(server)
      },
      async (send, seen) => {
        await send('/x')
        await closedOnce(seen, '/x')
      },
    )
  }

  bothWays(
    'after HEAD, of text and of a stream',
    (server) => {
      server.bindHandler('GET:/text', () => 'text')
      server.bindHandler('GET:/stream', () => failingAfter(3))
      return watch(server)
    },
    async (send, seen) => {
      for (const path of ['/text', '/stream']) {
        expect((await send(`HEAD ${path}`)).body).to.have.length(0)
        await closedOnce(seen, path)
        seen.length = 0
      }
    },
  )

  for (const parts of [0, 2]) {
    bothWays(
      `after a stream that fails ${parts === 0 ? 'before its first byte' : 'midway'}`,
      (server) => {
        server.bindHandler('/generator', () => failingAfter(parts))
        server.bindHandler('/readable', () => Readable.from(failingAfter(parts)))
        return watch(server)
      },
      async (send, seen, { log }) => {
        for (const path of ['/generator', '/readable']) {
          log.length = 0
          const answer = await inTime(
            send(path).catch(() => undefined),
            'the request ended, one way or the other',
          )
          if (answer) expect(answer.text).to.not.include('secret')
          await closedOnce(seen, path)
          expect(
            log.some(({ level }) => level === 'error' || level === 'warn'),
            'logged',
          ).to.equal(true)
          seen.length = 0
        }
      },
    )
  }
})

describe('close events: off the path of the request', () => {
  bothWays(
    'the answer does not wait for them, AfterClose waits for BeforeClose',
    (server) => {
      const { opened, open } = gate()
      server.bindHookHandler('/*', 'BeforeClose', () => opened)
      server.bindHandler('/x', () => 'x')
      return { open, seen: watch(server) }
    },
    async (send, { open, seen }) => {
      expect((await send('/x')).text).to.equal('x')
      await turns()
      expect(seen).to.not.include('AfterClose /x')
      open()
      await closedOnce(seen, '/x')
    },
  )

  bothWays(
    'they see the request, what was set on it, and what was answered',
    (server) => {
      const seen: unknown[] = []
      server.bindHookHandler('/*', 'BeforeServe', (request) => request.context.set('a', 'kept'))
      server.bindHookHandler('/*', 'BeforeClose', (request) => {
        seen.push(request.context.get('a'), request.get('id'), request.response.status)
      })
      server.bindHandler('/x/:id', (request) => request.response.writeStatus(410))
      return seen
    },
    async (send, seen) => {
      await send('/x/7')
      await until(() => seen.length > 0, 'BeforeClose')
      expect(seen).to.deep.equal(['kept', '7', 410])
    },
  )
})

describe('close events: a client that goes away', () => {
  overHttp1(
    'while the handler works: its signal is aborted',
    (server) => {
      const { opened, open } = gate()
      const aborted: boolean[] = []
      server.bindHandler('/slow', async (request) => {
        open()
        if (!request.signal.aborted) await once(request.signal, 'abort')
        aborted.push(request.signal.aborted)
        return 'too late'
      })
      return { opened, aborted, seen: watch(server) }
    },
    async (_send, { opened, aborted, seen }, { port }) => {
      const { socket } = await openRaw(port, get('/slow'))
      await opened
      socket.destroy()
      await closedOnce(seen, '/slow')
      await until(() => aborted.length > 0, 'the handler ended')
      expect(aborted).to.deep.equal([true])
    },
  )

  overHttp1(
    'in the midst of a stream, which is then ended',
    (server) => {
      const ended: string[] = []
      const endless = (name: string) =>
        async function* () {
          try {
            for (;;) {
              yield 'x'.repeat(1000)
              await new Promise((resolve) => setTimeout(resolve, 1))
            }
          } finally {
            ended.push(name)
          }
        }
      server.bindHandler('/generator', () => endless('generator')())
      server.bindHandler('/readable', () => Readable.from(endless('readable')()))
      server.bindHandler('/web', () => new Response(Readable.toWeb(Readable.from(endless('web')())) as ReadableStream))
      return { ended, seen: watch(server) }
    },
    async (_send, { ended, seen }, { port }) => {
      for (const name of ['generator', 'readable', 'web']) {
        const { socket, received } = await openRaw(port, get(`/${name}`))
        await until(() => received().includes('xxx'), 'the stream runs')
        socket.destroy()
        await closedOnce(seen, `/${name}`)
        await until(() => ended.includes(name), `${name} is ended`)
        seen.length = 0
      }
      expect(ended).to.deep.equal(['generator', 'readable', 'web'])
    },
  )

  overHttp1(
    'and comes back: the server goes on',
    (server) => {
      const { opened, open } = gate()
      let entered = 0
      server.bindHandler('/slow', async (request: Request) => {
        entered++
        await Promise.race([opened, once(request.signal, 'abort')])
        request.response.write('late')
      })
      server.bindHandler('/x', () => 'x')
      return { open, entered: () => entered, seen: watch(server) }
    },
    async (send, { open, entered, seen }, { port }) => {
      const clients = await Promise.all(Array.from({ length: 20 }, () => openRaw(port, get('/slow'))))
      await until(() => entered() === 20, 'all are in')
      for (const { socket } of clients) socket.destroy()
      await until(() => seen.filter((name) => name === 'AfterClose /slow').length === 20, 'all are closed')
      open()
      expect((await send('/x')).text).to.equal('x')
      await until(() => seen.includes('AfterClose /x'), 'AfterClose')
      expect(seen).to.have.length(42)
    },
  )

  overHttp1(
    'several requests on one connection close each for itself',
    (server) => {
      server.bindHandler('/:n', (request) => request.params.n)
      return watch(server)
    },
    async (_send, seen, { port }) => {
      const { socket, received } = await openRaw(port, get('/1'))
      for (const n of ['2', '3']) {
        await until(() => seen.includes(`AfterClose /${Number(n) - 1}`), 'the one before')
        socket.write(get(`/${n}`))
      }
      const answers = () => received().match(/HTTP\/1\.1 200/g)?.length
      await until(() => seen.includes('AfterClose /3') && answers() === 3, 'the last')
      socket.destroy()
      await turns()
      expect(seen).to.have.length(6)
    },
  )
})

describe('close events: a stream that fails midway', () => {
  overSocket(
    'is seen as cut short by the client',
    (server) => {
      server.bindHandler('/x', () => failingAfter(2))
    },
    async (send) => {
      let complete = false
      try {
        await send('/x')
        complete = true
      } catch (error) {
        expect(error).to.be.instanceOf(Error)
      }
      expect(complete).to.equal(false)
    },
  )
})
