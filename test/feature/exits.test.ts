import { expect } from 'chai'
import type { Request, Server } from 'tribind'
import { bothWays, until } from './both-ways.ts'

const inOrder = ['BeforeServe', 'AfterServe', 'BeforePatch', 'AfterPatch', 'BeforeOutput', 'AfterOutput'] as const
type Place = (typeof inOrder)[number] | 'middleware' | 'handler' | 'status'
type Exit = 'exit' | 'exitHook' | 'exitAll'

/** Two hooks on every event, two middleware, a handler and two status handlers; the first one at `place` leaves. */
function leavingAt(place: Place, how: Exit) {
  return (server: Server) => {
    const seen: string[] = []
    const leaves = async (request: Request) => {
      await Promise.resolve()
      seen.push(`${place} 1`)
      request[how]()
      seen.push('came back')
    }
    const notes = (name: string) => () => {
      seen.push(name)
    }
    for (const event of [...inOrder, 'BeforeClose', 'AfterClose'] as const) {
      server.bindHookHandler('/x', event, event === place ? leaves : notes(`${event} 1`))
      server.bindHookHandler('/*', event, notes(`${event} 2`))
    }
    for (const n of [1, 2]) {
      server.use(async (request, next) => {
        if (n === 1 && place === 'middleware') await leaves(request)
        seen.push(`middleware ${n}`)
        await next()
        seen.push(`middleware ${n} after`)
      })
    }
    server.bindHandler('/x', async (request) => {
      request.response.status = 202
      request.response.write('written')
      if (place === 'handler') await leaves(request)
      seen.push('handler')
    })
    server.bindStatusHandler(202, place === 'status' ? leaves : notes('status 1'))
    server.bindStatusHandler(202, notes('status 2'))
    return seen
  }
}

const everything = [
  'BeforeServe 1',
  'BeforeServe 2',
  'middleware 1',
  'middleware 2',
  'handler',
  'middleware 2 after',
  'middleware 1 after',
  'AfterServe 1',
  'AfterServe 2',
  'status 1',
  'status 2',
  'BeforePatch 1',
  'BeforePatch 2',
  'AfterPatch 1',
  'AfterPatch 2',
  'BeforeOutput 1',
  'BeforeOutput 2',
  'AfterOutput 1',
  'AfterOutput 2',
]
const closing = ['BeforeClose 1', 'BeforeClose 2', 'AfterClose 1', 'AfterClose 2']

function leaving(place: Place, how: Exit, expected: string[], text = 'written') {
  bothWays(`${how}() in ${place}`, leavingAt(place, how), async (send, seen, { log }) => {
    const answer = await send('/x')
    if (text !== '') expect(answer.text).to.equal(text)
    await until(() => seen.includes('AfterClose 2'), 'AfterClose')
    expect(seen).to.deep.equal([...expected, ...closing])
    expect(log.filter(({ level }) => level === 'error' || level === 'warn')).to.deep.equal([])
  })
}

const upTo = (last: string) => everything.slice(0, everything.indexOf(last) + 1)
const without = (...names: string[]) => everything.filter((name) => !names.includes(name))

describe('exits: exit() ends the function it is called in', () => {
  for (const event of inOrder) leaving(event, 'exit', everything)
  leaving('status', 'exit', everything)
  leaving(
    'handler',
    'exit',
    everything.map((name) => (name === 'handler' ? 'handler 1' : name)),
  )
  leaving(
    'middleware',
    'exit',
    [
      'BeforeServe 1',
      'BeforeServe 2',
      'middleware 1',
      ...everything.slice(7).filter((name) => !name.startsWith('status')),
    ],
    '',
  )
})

describe('exits: exitHook() ends also the other hooks of the event', () => {
  for (const event of inOrder) leaving(event, 'exitHook', without(`${event} 2`))
})

describe('exits: exitAll() ends everything up to AfterOutput', () => {
  leaving('BeforeServe', 'exitAll', upTo('BeforeServe 1'), '')
  leaving('middleware', 'exitAll', upTo('middleware 1'), '')
  leaving('handler', 'exitAll', [...upTo('middleware 2'), 'handler 1'])
  for (const event of inOrder.slice(1)) leaving(event, 'exitAll', upTo(`${event} 1`))
  leaving('status', 'exitAll', upTo('status 1'))

  bothWays(
    'what was written goes out, packed',
    (server) => {
      server.bindHookHandler('/hook/*', 'BeforeServe', (request) => {
        request.response.write('hook')
        request.response.setHeader('x-packed', 'yes')
        request.cookie.set('a', 'b')
        request.exitAll()
      })
      server.bindHandler('/hook/test', () => 'never')
    },
    async (send) => {
      const answer = await send('/hook/test')
      expect(answer.status).to.equal(200)
      expect(answer.text).to.equal('hook')
      expect(answer.header('x-packed')).to.equal('yes')
      expect(answer.headerAll('set-cookie')).to.have.length(1)
    },
  )

  bothWays(
    'also where a middleware around catches what next() rejects with',
    (server) => {
      server.use(async (request, next) => {
        try {
          await next()
        } catch {
          request.response.write(' caught')
        }
        request.response.write(' rest')
      })
      server.bindHandler('/x', (request) => {
        request.response.write('written')
        request.exitAll()
      })
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('written')
    },
  )

  bothWays(
    'also where a middleware inside had failed, and what it left running exits',
    (server) => {
      const caught: unknown[] = []
      server.use(async ({ response }, next) => {
        try {
          await next()
        } catch (thrown) {
          caught.push(thrown)
          response.writeOver('handled')
        }
      })
      server.use((_request, next) => {
        void next()
        throw new Error('on purpose')
      })
      server.bindHandler('/x', async (request) => {
        await Promise.resolve()
        request.response.write('left')
        request.exitAll()
      })
      return caught
    },
    async (send, caught, { log }) => {
      expect((await send('/x')).text).to.equal('left')
      expect(caught.map(String)).not.to.include('Error: on purpose')
      expect(log.map(({ level }) => level)).to.deep.equal(['error'])
    },
  )

  bothWays(
    'and also where exit() of a handler passes such a middleware',
    (server) => {
      server.use(async (request, next) => {
        try {
          await next()
        } catch {
          request.response.write(' caught')
        }
        request.response.write(' rest')
      })
      server.bindHandler('/x', (request) => {
        request.response.write('written')
        request.exit()
      })
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('written rest')
    },
  )

  bothWays(
    'isExited() tells',
    (server) => {
      const seen: boolean[] = []
      server.bindObject('/x', {
        init: (request: Request) => {
          seen.push(request.isExited())
        },
        show: (request: Request) => {
          request.exitAll()
        },
        shut: (request: Request) => {
          seen.push(request.isExited())
        },
      })
      server.bindHookHandler('/x/*', 'AfterClose', (request) => {
        seen.push(request.isExited())
      })
      return seen
    },
    async (send, seen) => {
      await send('/x/show')
      await until(() => seen.length === 3, 'AfterClose')
      expect(seen).to.deep.equal([false, true, true])
    },
  )
})

describe('exits: in the close events', () => {
  for (const how of ['exit', 'exitHook', 'exitAll'] as const) {
    bothWays(
      `${how}() in BeforeClose does not keep AfterClose from running`,
      (server) => {
        const seen: string[] = []
        server.bindHookHandler('/*', 'BeforeClose', (request) => {
          seen.push('BeforeClose')
          request[how]()
        })
        server.bindHookHandler('/*', 'AfterClose', () => {
          seen.push('AfterClose')
        })
        server.bindHandler('/x', () => 'x')
        return seen
      },
      async (send, seen) => {
        expect((await send('/x')).text).to.equal('x')
        await until(() => seen.length === 2, 'AfterClose')
        expect(seen).to.deep.equal(['BeforeClose', 'AfterClose'])
      },
    )
  }
})
