import http, { type ServerResponse } from 'node:http'
import { expect } from 'chai'
import session from 'express-session'
import { type ConnectMiddleware, fromConnect, fromExpress, timeout } from 'tribind'
import { bothWays, type Entry, gate, openRaw, overHttp1, overSocket, turns, until } from './both-ways.ts'

/** What a Connect middleware may do from a callback; in `node:http`, some of it throws there. */
const deeds: Readonly<Record<string, (res: ServerResponse) => void>> = {
  setHeader: (res) => res.setHeader('X-Late', '1'),
  appendHeader: (res) => res.appendHeader('X-Late', '1'),
  removeHeader: (res) => res.removeHeader('Date'),
  writeHead: (res) => res.writeHead(500, { 'X-Late': '1' }),
  write: (res) => res.write('late'),
  end: (res) => res.end('late'),
}

/** The errors that would end the process, seen while it runs. */
async function uncaughtIn(run: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = []
  const note = (error: unknown) => seen.push(error)
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', note)
  try {
    await run()
    await turns()
  } finally {
    process.off('uncaughtException', note)
    for (const listener of before) process.on('uncaughtException', listener)
  }
  return seen
}

function callsIn(log: readonly Entry[]): unknown[] {
  return log.map(({ level, fields }) => [level, (fields as { call?: string }).call])
}

for (const from of [fromConnect, fromExpress]) {
  describe(`what a guest does late has no effect and is logged, by ${from.name}`, () => {
    for (const [name, act] of Object.entries(deeds)) {
      bothWays(
        `${name} after its end`,
        (server) => {
          const late = gate()
          server.use(
            from((_req, res) => {
              res.end('first')
              setImmediate(() => {
                for (let i = 0; i < 2; i++) act(res)
                late.open()
              })
            }),
          )
          return late
        },
        async (send, late, { log }) => {
          const uncaught = await uncaughtIn(async () => {
            const { status, text, header } = await send('/')
            expect([status, text, header('x-late')]).to.deep.equal([200, 'first', undefined])
            await late.opened
          })
          expect(uncaught).to.deep.equal([])
          expect(callsIn(log)).to.deep.equal([['warn', name]])
          expect(log[0]?.fields).to.have.property('requestId').that.is.a('string')
        },
      )

      bothWays(
        `${name} after its timeout`,
        (server) => {
          const [late, done] = [gate(), gate()]
          server.use(timeout(20))
          server.bindStatusHandler(503, async () => {
            late.open()
            await done.opened
          })
          server.use(
            from((_req, res) => {
              res.setHeader('Content-Type', 'image/png')
              void late.opened.then(() => {
                act(res)
                done.open()
              })
            }),
          )
        },
        async (send, _world, { log }) => {
          const uncaught = await uncaughtIn(async () => {
            const { status, text, header } = await send('/')
            expect([status, text]).to.deep.equal([503, 'Service Unavailable'])
            expect([header('x-late'), header('content-type')]).to.deep.equal([undefined, 'text/plain; charset=utf-8'])
          })
          expect(uncaught).to.deep.equal([])
          expect(callsIn(log.filter(({ level }) => level === 'warn'))).to.deep.equal([['warn', name]])
        },
      )

      bothWays(
        `${name} of response.raw in a handler that has ended it`,
        (server) => {
          server.get('/', ({ response }) => {
            response.raw.end('first')
            act(response.raw)
          })
        },
        async (send, _world, { log }) => {
          const uncaught = await uncaughtIn(async () => {
            expect((await send('/')).text).to.equal('first')
          })
          expect(uncaught).to.deep.equal([])
          expect(callsIn(log)).to.deep.equal([['warn', name]])
        },
      )
    }

    overHttp1(
      'all of it after its client has left, at level debug',
      (server) => {
        const [arrived, late, done] = [gate(), gate(), gate()]
        server.bindHookHandler('/*', 'AfterClose', () => late.open())
        server.use(
          from((_req, res) => {
            arrived.open()
            void late.opened.then(() => {
              for (const act of Object.values(deeds)) act(res)
              done.open()
            })
          }),
        )
        return { arrived, done }
      },
      async (_send, { arrived, done }, { port, log }) => {
        const uncaught = await uncaughtIn(async () => {
          const { socket } = await openRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
          await arrived.opened
          socket.destroy()
          await done.opened
        })
        expect(uncaught).to.deep.equal([])
        expect(log.map(({ level }) => level)).to.deep.equal(['debug'])
      },
    )

    bothWays(
      'callbacks of late writes are told of the failure',
      (server) => {
        const errors: (Error | null | undefined)[] = []
        server.use(
          from((_req, res) => {
            res.end('first')
            res.write('more', (error) => errors.push(error))
            res.end('more', () => errors.push(undefined))
          }),
        )
        return errors
      },
      async (send, errors) => {
        await send('/')
        await until(() => errors.length === 2, 'both are called')
        expect(errors[0]).to.be.an('error')
      },
    )
  })

  describe(`errors of guests are never swallowed, by ${from.name}`, () => {
    const guests: Readonly<Record<string, ConnectMiddleware>> = {
      'next(error) after next()': (_req, _res, next) => {
        next()
        setImmediate(next, new Error('late'))
      },
      'next(error) after its end': (_req, res, next) => {
        res.end('text')
        setImmediate(next, new Error('late'))
      },
      'a promise that rejects after its end': async (_req, res) => {
        res.end('text')
        await turns(3)
        throw new Error('late')
      },
      'a promise that rejects at once after its end': async (_req, res) => {
        res.end('text')
        throw new Error('late')
      },
      'next(error) and then another error': (_req, res, next) => {
        res.end('text')
        next(new Error('late'))
        throw new Error('other')
      },
    }
    for (const [name, guest] of Object.entries(guests)) {
      bothWays(
        name,
        (server) => {
          server.use(from(guest))
          server.get('/', () => 'text')
        },
        async (send, _world, { log }) => {
          const failures = () =>
            log.filter(
              ({ level, fields }) => level === 'error' && (fields as { error: Error }).error.message === 'late',
            )
          expect((await send('/')).text).to.equal('text')
          await until(() => failures().length > 0, 'it is logged')
          expect(failures()).to.have.length(1)
          expect(failures()[0]?.fields).to.have.property('requestId')
        },
      )
    }

    bothWays(
      'a session store that fails to save',
      (server) => {
        const store = new session.MemoryStore()
        store.set = (_id, _data, done) => done?.(new Error('late'))
        server.use(from(session({ store, secret: 'secret', resave: false, saveUninitialized: true })))
        server.get('/', () => 'text')
      },
      async (send, _world, { log }) => {
        expect((await send('/')).text).to.equal('text')
        await until(() => log.length > 0, 'it is logged')
        expect(log.map(({ level, fields }) => [level, (fields as { error: Error }).error.message])).to.deep.equal([
          ['error', 'late'],
        ])
      },
    )

    bothWays(
      'a second next() runs nothing and is logged',
      (server) => {
        let runs = 0
        server.use(
          from((_req, _res, next) => {
            next()
            next()
          }),
        )
        server.get('/', () => `run ${++runs}`)
      },
      async (send, _world, { log }) => {
        expect((await send('/')).text).to.equal('run 1')
        expect((await send('/')).text).to.equal('run 2')
        // Express passes it on in a later turn.
        await until(() => callsIn(log).length >= 2, 'both are logged')
        expect(callsIn(log)).to.deep.equal([
          ['warn', 'next'],
          ['warn', 'next'],
        ])
      },
    )
  })
}

describe('a guest that gives request and response other prototypes, as Express does', () => {
  overSocket(
    'reads, answers and passes on by every protocol',
    (server) => {
      const requests = Object.create(http.IncomingMessage.prototype) as object
      const responses = Object.create(http.ServerResponse.prototype) as object
      server.use(
        fromConnect((req, res, next) => {
          Object.setPrototypeOf(req, requests)
          Object.setPrototypeOf(res, responses)
          res.setHeader('X-Guest', '1')
          if (req.url === '/ours') return next()
          let body = ''
          req.setEncoding('utf8').on('data', (text: string) => (body += text))
          req.on('end', () => res.writeHead(201, { 'X-Host': String(req.headers.host) }).end(`${req.method} ${body}`))
        }),
      )
      server.post('/ours', async (request) => `ours ${await request.text()}`)
    },
    async (send) => {
      for (const [url, status, text] of [
        ['/guest', 201, 'POST body'],
        ['/ours', 200, 'ours body'],
      ] as const) {
        const answer = await send({ method: 'POST', url, body: 'body' })
        expect([answer.status, answer.text, answer.header('x-guest')]).to.deep.equal([status, text, '1'])
      }
    },
  )
})
