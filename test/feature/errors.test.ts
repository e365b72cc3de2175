import { expect } from 'chai'
import { HttpError, TribindError } from 'tribind'
import type { Request, Server } from 'tribind'
import { bothWays, until } from './both-ways.ts'

const secret = 'secret: the password is 1234'

type Fail = () => unknown

const fails: Record<string, Fail> = {
  'thrown at once': () => {
    throw new Error(secret)
  },
  'a rejected promise': async () => {
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error(secret)
  },
}

/** Each stage at which the failure may happen, at a path of its own. */
const stages: Record<string, (server: Server, fail: Fail) => void> = {
  'a handler': (server, fail) => server.bindHandler('/x', fail),
  'a middleware': (server, fail) => server.bindMiddleware('/x', fail),
  'a middleware after next()': (server, fail) =>
    server.bindMiddleware('/x', async (_request, next) => {
      await next()
      return fail()
    }),
  'a group middleware': (server, fail) => {
    const group = server.group('/x')
    group.use(fail)
    group.get('/', () => 'never')
  },
  'a method of an object': (server, fail) => server.bindObject('/x', { index: () => fail() }),
  'a method of a controller': (server, fail) =>
    server.bindControllerRest(
      '/x',
      class {
        get() {
          return fail()
        }
      },
    ),
  init: (server, fail) => server.bindObject('/x', { init: () => fail(), index: () => 'never' }),
  shut: (server, fail) => server.bindObject('/x', { index: () => 'written', shut: () => fail() }),
  'a status handler': (server, fail) => {
    server.bindHandler('/x', (request) => request.response.writeStatus(410))
    server.bindStatusHandler(410, async () => {
      await fail()
    })
  },
}
for (const event of ['BeforeServe', 'AfterServe', 'BeforePatch', 'AfterPatch', 'BeforeOutput'] as const) {
  stages[event] = (server, fail) => {
    server.bindHookHandler('/x', event, async () => {
      await fail()
    })
    server.bindHandler('/x', () => 'written')
  }
}

describe('errors: anywhere up to BeforeOutput give 500 and are logged', () => {
  for (const [stage, register] of Object.entries(stages)) {
    for (const [kind, fail] of Object.entries(fails)) {
      bothWays(
        `in ${stage}, ${kind}`,
        (server) => {
          server.use((request, next) => {
            request.response.write('buffered')
            return next()
          })
          register(server, fail)
        },
        async (send, _world, { log }) => {
          const answer = await send('/x')
          expect(answer.status).to.equal(500)
          expect(answer.text).to.equal('Internal Server Error')
          expect(answer.header('content-length')).to.equal('21')
          expect(JSON.stringify(answer.headerAll('content-type'))).to.not.include('secret')
          expect(log.filter(({ level }) => level === 'error')).to.have.length.greaterThan(0)
        },
      )
    }
  }

  for (const event of ['AfterOutput', 'BeforeClose', 'AfterClose'] as const) {
    bothWays(
      `but in ${event} they are only logged, and the close events run`,
      (server) => {
        const seen: string[] = []
        server.bindHookHandler('/x', event, async () => {
          await Promise.resolve()
          throw new Error(secret)
        })
        for (const other of ['BeforeClose', 'AfterClose'] as const) {
          server.bindHookHandler('/*', other, () => {
            seen.push(other)
          })
        }
        server.bindHandler('/x', () => 'written')
        return seen
      },
      async (send, seen, { log }) => {
        const answer = await send('/x')
        expect(answer.status).to.equal(200)
        expect(answer.text).to.equal('written')
        await until(() => seen.includes('AfterClose') && log.some(({ level }) => level === 'error'), 'it is logged')
        expect(seen).to.deep.equal(['BeforeClose', 'AfterClose'])
      },
    )
  }
})

describe('errors: HttpError', () => {
  bothWays(
    'gives its status and message, and drops what was buffered',
    (server) => {
      const fail = (status: number, message: string) => {
        throw new HttpError(status, message)
      }
      server.bindHandler('/404', (request) => {
        request.response.write('buffered')
        fail(404, 'no such user')
      })
      server.bindHandler('/503', async () => {
        await Promise.resolve()
        fail(503, 'später')
      })
      server.bindMiddleware('/401', () => fail(401, 'who are you'))
      server.bindHookHandler('/402', 'BeforeServe', () => fail(402, 'pay'))
      server.bindHookHandler('/406', 'BeforeOutput', () => fail(406, 'not so'))
      server.bindHandler('/406', () => 'written')
      class Teapot extends HttpError {
        constructor() {
          super(418, 'teapot')
        }
      }
      server.bindHandler('/418', () => {
        throw new Teapot()
      })
    },
    async (send) => {
      const expected = {
        401: 'who are you',
        402: 'pay',
        404: 'no such user',
        406: 'not so',
        418: 'teapot',
        503: 'später',
      }
      for (const [status, text] of Object.entries(expected)) {
        const answer = await send(`/${status}`)
        expect(answer.status).to.equal(Number(status))
        expect(answer.text).to.equal(text)
        expect(answer.header('content-type')).to.equal('text/plain; charset=utf-8')
      }
    },
  )

  it('is a TribindError with status, message and code', () => {
    const error = new HttpError(409, 'conflict')
    expect(error).to.be.instanceOf(TribindError)
    expect(error).to.be.instanceOf(Error)
    expect([error.status, error.message]).to.deep.equal([409, 'conflict'])
    expect(error.code).to.match(/^ERR_TRIBIND_[A-Z_]+$/)
  })

  bothWays(
    'its cause and what else hangs on it stay inside',
    (server) => {
      server.bindHandler('/x', () => {
        throw Object.assign(new HttpError(400, 'bad request'), { cause: new Error(secret), detail: secret })
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(400)
      expect(answer.text).to.equal('bad request')
    },
  )
})

describe('errors: what is no HttpError tells the client nothing', () => {
  const thrown: Record<string, unknown> = {
    'a string': secret,
    'a number': 404,
    undefined: undefined,
    null: null,
    'an object with a status': { status: 418, statusCode: 418, message: secret },
    'an error with a status that does not say whether it is for the client': Object.assign(new Error(secret), {
      status: 418,
      statusCode: 418,
      code: 'E418',
    }),
    'an error without a prototype of its own': Object.assign(Object.create(null) as object, { message: secret }),
    'an object that cannot be read': new Proxy(
      {},
      {
        get() {
          throw new Error(secret)
        },
      },
    ),
    'an error with a trap for a message': Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error(secret)
      },
    }),
    'a symbol': Symbol('secret'),
    'a web Response': new Response(secret, { status: 418 }),
  }
  for (const [name, value] of Object.entries(thrown)) {
    bothWays(
      name,
      (server) => {
        server.bindHandler('/sync', () => {
          throw value
        })
        // oxlint-disable-next-line prefer-promise-reject-errors
        server.bindHandler('/async', () => Promise.reject(value))
        server.bindHookHandler('/hook', 'AfterServe', () => {
          throw value
        })
      },
      async (send, _world, { log }) => {
        for (const path of ['/sync', '/async', '/hook']) {
          log.length = 0
          const answer = await send(path)
          expect(answer.status, path).to.equal(500)
          expect(answer.text, path).to.equal('Internal Server Error')
          expect(
            log.some(({ level }) => level === 'error'),
            'logged',
          ).to.equal(true)
        }
      },
    )
  }
})

describe('errors: afterwards', () => {
  bothWays(
    'the next request is served as if nothing had been',
    (server) => {
      server.bindHandler('/bad', () => {
        throw new Error(secret)
      })
      server.bindHandler('/good', () => 'good')
    },
    async (send) => {
      for (let i = 0; i < 3; i++) {
        expect((await send('/bad')).status).to.equal(500)
        expect((await send('/good')).text).to.equal('good')
      }
    },
  )

  bothWays(
    'a Content-Length that was set for the lost body is not sent with the new one',
    (server) => {
      server.bindHandler('/x', (request: Request) => {
        request.response.setHeader('Content-Length', '5')
        request.response.write('12345')
        throw new Error(secret)
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(500)
      expect(answer.text).to.equal('Internal Server Error')
    },
  )

  bothWays(
    'a status that was set before is replaced',
    (server) => {
      server.bindHandler('/x', (request) => {
        request.response.writeStatus(201, 'created')
        throw new Error(secret)
      })
    },
    async (send) => {
      expect((await send('/x')).status).to.equal(500)
    },
  )

  bothWays(
    'the other hooks of the event are left out, also after the output',
    (server) => {
      const seen: string[] = []
      server.bindHookHandler('/x', 'AfterOutput', () => {
        throw new Error('on purpose')
      })
      server.bindHookHandler('/*', 'AfterOutput', () => void seen.push('AfterOutput 2'))
      server.bindHookHandler('/*', 'AfterClose', () => void seen.push('AfterClose'))
      server.bindHandler('/x', () => 'x')
      return seen
    },
    async (send, seen) => {
      expect((await send('/x')).text).to.equal('x')
      await until(() => seen.includes('AfterClose'), 'AfterClose')
      expect(seen).to.deep.equal(['AfterClose'])
    },
  )
})
