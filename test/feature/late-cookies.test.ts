import { expect } from 'chai'
import { type Request, StateError } from 'tribind'
import { bothWays, overHttp1, thrownBy, until } from './both-ways.ts'

const pairsOf = (lines: string[]) => lines.map((line) => line.split(';', 1)[0])

/** A source is read ahead of what has gone out. */
const headIsOut = ({ response }: Request) => until(() => response.sent, 'the head is out')

describe('cookies and sessions that come late', () => {
  for (const event of ['AfterPatch', 'BeforeOutput'] as const) {
    bothWays(
      `a cookie set in ${event} goes out, in place of one of its name`,
      (server) => {
        server.get('/x', ({ cookie }) => {
          cookie.set('a', 'first')
          cookie.set('b', 'stays')
          cookie.set('a', 'of the path', { path: '/x' })
          return 'x'
        })
        server.get('/new', () => 'x')
        server.bindHookHandler('/*', event, ({ cookie, response }) => {
          response.addHeader('Set-Cookie', 'own=1')
          cookie.set('a', 'late')
          cookie.remove('c')
        })
      },
      async (send) => {
        const pairs = pairsOf((await send('/x')).headerAll('set-cookie'))
        expect(pairs).to.have.members(['b=stays', 'a=of%20the%20path', 'own=1', 'a=late', 'c='])
        expect(pairsOf((await send('/new')).headerAll('set-cookie'))).to.have.members(['own=1', 'a=late', 'c='])
      },
    )
  }

  bothWays(
    'a cookie set before the first chunk goes out; after it, the call is a StateError',
    (server) => {
      const failures: unknown[] = []
      const note = (act: () => void) => {
        try {
          act()
        } catch (error) {
          failures.push(error)
        }
      }
      server.get('/generator', async function* (request) {
        const { cookie } = request
        cookie.set('a', '1')
        yield 'x'
        await headIsOut(request)
        note(() => cookie.set('b', '1'))
        note(() => cookie.remove('a'))
        yield 'y'
      })
      server.get('/sync', function* ({ cookie }) {
        cookie.set('a', '1')
        yield 'xy'
      })
      server.get(
        '/pull',
        ({ cookie }) =>
          new ReadableStream(
            {
              pull(controller) {
                cookie.set('a', '1')
                controller.enqueue('xy')
                controller.close()
              },
            },
            { highWaterMark: 0 },
          ),
      )
      // oxlint-disable-next-line require-yield -- a source without a chunk
      server.get('/empty', async function* ({ cookie }) {
        cookie.set('a', '1')
      })
      server.get('/sent', () => 'xy')
      server.bindHookHandler('/sent', 'AfterOutput', ({ cookie }) => note(() => cookie.set('a', '1')))
      return failures
    },
    async (send, failures) => {
      for (const path of ['/generator', '/sync', '/pull', '/empty']) {
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([200, path === '/empty' ? '' : 'xy'])
        expect(pairsOf(answer.headerAll('set-cookie')), path).to.deep.equal(['a=1'])
      }
      expect(failures).to.have.length(2)
      await send('/sent')
      await until(() => failures.length === 3, 'AfterOutput has run')
      for (const error of failures) {
        expect(error).to.be.instanceOf(StateError)
        expect(String(error)).to.include('first chunk').and.to.include('BeforeOutput')
      }
    },
  )

  bothWays(
    'a session changed before the first chunk is saved with its cookie; after it, the call is a StateError',
    (server) => {
      const failures: Error[] = []
      const opened = async function* (request: Request, session = request.session) {
        session.set('user', 'ann')
        yield 'x'
        await headIsOut(request)
        failures.push(thrownBy(() => session.set('user', 'bob')))
      }
      server.get('/opened', (request) => opened(request))
      server.get('/lazy', async function* (request) {
        request.session.set('user', 'ann')
        yield 'x'
        await headIsOut(request)
        failures.push(thrownBy(() => request.session.set('user', 'bob')))
      })
      server.get('/late', async function* (request) {
        yield 'x'
        await headIsOut(request)
        failures.push(thrownBy(() => request.session.set('user', 'bob')))
      })
      server.get('/me', ({ session }) => session.get('user') ?? 'nobody')
      return failures
    },
    async (send, failures) => {
      for (const path of ['/opened', '/lazy']) {
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([200, 'x'])
        const lines = answer.headerAll('set-cookie')
        expect(lines, path).to.have.length(1)
        const cookie = pairsOf(lines)[0] as string
        expect((await send({ url: '/me', headers: { cookie } })).text, path).to.equal('ann')
        // Of a session that the request brings.
        expect((await send({ url: path, headers: { cookie } })).headerAll('set-cookie'), path).to.deep.equal([])
        expect((await send({ url: '/me', headers: { cookie } })).text, path).to.equal('ann')
      }
      expect((await send('/late')).headerAll('set-cookie')).to.deep.equal([])
      await until(() => failures.length === 5, 'all have failed')
      for (const error of failures) expect(error).to.be.instanceOf(StateError)
    },
    { session: { secret: 'x' } },
  )

  bothWays(
    'a session first opened in AfterPatch or BeforeOutput is saved',
    (server) => {
      for (const event of ['AfterPatch', 'BeforeOutput'] as const) {
        server.get(`/${event}`, () => 'x')
        server.bindHookHandler(`/${event}`, event, ({ session }) => session.set('user', 'ann'))
      }
      server.get('/me', ({ session }) => session.get('user') ?? 'nobody')
    },
    async (send) => {
      for (const event of ['AfterPatch', 'BeforeOutput']) {
        const cookie = pairsOf((await send(`/${event}`)).headerAll('set-cookie'))[0] as string
        expect((await send({ url: '/me', headers: { cookie } })).text, event).to.equal('ann')
      }
    },
    { session: { secret: 'x' } },
  )

  overHttp1(
    'a session that can not be saved before the first chunk is a 500',
    (server) => {
      server.get('/x', async function* ({ session }) {
        session.set('n', 1n)
        yield 'x'
      })
      server.get('/next', () => 'next')
    },
    async (send) => {
      const answer = await send('/x')
      expect([answer.status, answer.headerAll('set-cookie')]).to.deep.equal([500, []])
      expect((await send('/next')).text).to.equal('next')
    },
    { session: { secret: 'x' } },
  )
})
