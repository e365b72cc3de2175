import { expect } from 'chai'
import { HttpError } from 'tribind'
import type { Request } from 'tribind'
import { bothWays } from './both-ways.ts'

type Next = () => Promise<unknown>

const around = (before: string, after: string) => async (request: Request, next: Next) => {
  request.response.write(before)
  await next()
  request.response.write(after)
}

describe('middleware: which, and in what order', () => {
  bothWays(
    'in order of registration, around each other',
    (server) => {
      server.bindHandler('/test/test', () => 'test')
      server.bindMiddleware('/test', around('1', '2'), around('3', '4'))
      server.bindMiddleware('/test/:name', around('5', '6'), around('7', '8'))
    },
    async (send) => {
      expect((await send('/')).text).to.equal('Not Found')
      expect((await send('/test')).text).to.equal('1342')
      expect((await send('/test/test')).text).to.equal('57test86')
    },
  )

  bothWays(
    'order of registration counts, not how telling the pattern is',
    (server) => {
      server.use(around('a', 'A'))
      server.bindMiddleware('/x/*', around('b', 'B'))
      server.bindMiddleware('/x/y', around('c', 'C'))
      server.use(around('d', 'D'), around('e', 'E'))
      server.bindHandler('/x/y', () => '.')
    },
    async (send) => {
      expect((await send('/x/y')).text).to.equal('abcde.EDCBA')
    },
  )

  bothWays(
    'also between the group and the server',
    (server) => {
      server.use(around('a', 'A'))
      const group = server.group('/g')
      group.use(around('b', 'B'))
      server.use(around('c', 'C'))
      group.get('/x', () => '.')
    },
    async (send) => {
      expect((await send('/g/x')).text).to.equal('abc.CBA')
    },
  )

  bothWays(
    'of the method that its pattern says',
    (server) => {
      server.bindHandler('/test/test', () => 'test')
      server.bindMiddleware('PUT:/test', around('1', '2'))
      server.bindMiddleware('POST:/test/:name', around('5', '6'))
    },
    async (send) => {
      const texts = {
        'GET /test': 'Not Found',
        'PUT /test': '12',
        'POST /test': 'Not Found',
        'GET /test/test': 'test',
        'PUT /test/test': 'test',
        'POST /test/test': '5test6',
      }
      for (const [line, text] of Object.entries(texts)) expect((await send(line)).text, line).to.equal(text)
    },
  )

  bothWays(
    'runs for a request that no route serves, which stays 404 if nothing is written',
    (server) => {
      const seen: string[] = []
      server.use((request, next) => {
        seen.push(request.path)
        return next()
      })
      server.bindMiddleware('/loud/*', around('1', '2'))
      return seen
    },
    async (send, seen) => {
      const quiet = await send('/quiet')
      expect(quiet.status).to.equal(404)
      expect(quiet.text).to.equal('Not Found')
      const loud = await send('/loud/x')
      expect(loud.status).to.equal(200)
      expect(loud.text).to.equal('12')
      expect(seen).to.deep.equal(['/quiet', '/loud/x'])
    },
  )
})

describe('middleware: next()', () => {
  bothWays(
    'not called: nothing further in runs',
    (server) => {
      const seen: string[] = []
      server.use((request) => {
        request.response.write('stop')
      })
      server.use((_request, next) => {
        seen.push('second')
        return next()
      })
      server.bindHandler('/x', () => {
        seen.push('handler')
      })
      server.bindHookHandler('/x', 'AfterServe', () => {
        seen.push('AfterServe')
      })
      return seen
    },
    async (send, seen) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(200)
      expect(answer.text).to.equal('stop')
      expect(seen).to.deep.equal(['AfterServe'])
    },
  )

  bothWays(
    'awaits the whole inside',
    (server) => {
      server.use(async (request, next) => {
        await next()
        request.response.write(`<${request.response.buffer().toString()}>`)
      })
      server.bindHandler('/x', async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return 'late'
      })
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('late<late>')
    },
  )

  bothWays(
    'not awaited: what is further in still ends before the next event',
    (server) => {
      server.use((_request, next) => {
        void next()
      })
      server.bindHandler('/x', async (request) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        request.response.write('late')
      })
      server.bindHookHandler('/x', 'AfterServe', (request) => {
        request.response.write(' after')
      })
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('late after')
    },
  )

  bothWays(
    'not awaited: an error further in is a 500 all the same',
    (server) => {
      server.use((_request, next) => {
        void next()
      })
      server.bindHandler('/x', async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        throw new Error('secret')
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(500)
      expect(answer.text).to.equal('Internal Server Error')
    },
  )

  bothWays(
    'called twice: the handler never runs twice',
    (server) => {
      const seen: string[] = []
      server.use(async (_request, next) => {
        await next()
        await next()
      })
      server.bindHandler('/x', () => {
        seen.push('handler')
        return 'x'
      })
      return seen
    },
    async (send, seen) => {
      const answer = await send('/x')
      expect([200, 500]).to.include(answer.status)
      expect(seen).to.deep.equal(['handler'])
    },
  )

  bothWays(
    'rejects with what was thrown further in, and who catches it has handled it',
    (server) => {
      server.use(async (request, next) => {
        try {
          await next()
        } catch (error) {
          request.response.writeOver(error instanceof Error ? `caught ${error.message}` : 'odd')
        }
      })
      server.use((_request, next) => next())
      server.bindHandler('/sync', (request) => {
        request.response.write('half')
        throw new Error('sync')
      })
      server.bindHandler('/async', async () => {
        await Promise.resolve()
        throw new HttpError(418, 'async')
      })
      server.bindMiddleware('/middleware', () => {
        throw new Error('middleware')
      })
      server.bindObject('/object', {
        shut() {
          throw new Error('shut')
        },
        show: () => 'show',
      })
    },
    async (send) => {
      for (const [path, text] of [
        ['/sync', 'caught sync'],
        ['/async', 'caught async'],
        ['/middleware', 'caught middleware'],
        ['/object/show', 'caught shut'],
      ] as const) {
        const answer = await send(path)
        expect(answer.status, path).to.equal(200)
        expect(answer.text).to.equal(text)
      }
    },
  )

  bothWays(
    'who catches and throws another one has the say',
    (server) => {
      server.use(async (_request, next) => {
        try {
          await next()
        } catch {
          throw new HttpError(503, 'try later')
        }
      })
      server.bindHandler('/x', () => {
        throw new Error('secret')
      })
    },
    async (send) => {
      const answer = await send('/x')
      expect(answer.status).to.equal(503)
      expect(answer.text).to.equal('try later')
    },
  )
})
