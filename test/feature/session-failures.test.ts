import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Server } from 'tribind'
import { bothWays, inTime } from './both-ways.ts'
import { createClient } from './session-client.ts'
import { secret, withStore } from './session-routes.ts'
import { registerLogin, withServers } from './session-world.ts'

describe('session: a store that fails', () => {
  const calls = [
    ['get', '/id'],
    ['get', '/data'],
    ['set', '/set/a/2'],
    ['destroy', '/logout'],
    ['destroy', '/careless-logout'],
    ['destroy', '/renew'],
  ] as const
  for (const [failing, path] of calls) {
    withServers(
      `${failing}: ${path} is 500, and the session is as before once the store is back`,
      async (send, world) => {
        const { store, log } = world
        const { ask } = createClient(send)
        await ask('/set/a/1')
        store.failing = failing
        log.length = 0
        const answer = await inTime(ask(path), 'an answer')
        expect([answer.status, answer.text]).to.deep.equal([500, 'Internal Server Error'])
        expect(answer.headerAll('set-cookie')).to.deep.equal([])
        expect(log.map(({ message }) => message)).to.deep.equal([`GET ${path} failed`])
        store.failing = undefined
        expect((await ask('/data')).json()).to.deep.equal({ a: '1' })
      },
    )
  }

  withServers(
    'set: also after exitAll, for a new session, and with a status handler that uses the session',
    async (send, { store }) => {
      const { ask } = createClient(send)
      store.failing = 'set'
      expect((await ask('/exit')).status).to.equal(500)
      const answer = await ask('/set/a/1')
      expect([answer.status, answer.text, answer.headerAll('set-cookie')]).to.deep.equal([500, 'sorry', []])
      expect(store.count).to.equal(0)
    },
    (server) => {
      server.bindHandler('/exit', (request) => {
        request.session.set('a', 1)
        request.response.write('all is well')
        request.exitAll()
      })
      server.bindStatusHandler(500, (request) => {
        request.session.set('sorry', 1)
        request.response.writeOver('sorry')
      })
    },
  )

  withServers(
    'get: nobody sees an empty session in its place',
    async (send, { store }) => {
      const { ask } = createClient(send)
      await ask('/set/a/1')
      store.failing = 'get'
      expect((await ask('/data')).text).to.equal('Internal Server Error')
      store.failing = undefined
      expect((await ask('/data')).json()).to.deep.equal({ a: '1' })
    },
    (server) => {
      server.bindStatusHandler(500, (request) => request.response.writeOver(request.session.data()))
    },
  )

  withServers(
    'get: a request that does not use its session is served; the failure is logged once and nothing is written',
    async (send, { store, log }) => {
      const { ask } = createClient(send)
      await ask('/set/a/1')
      store.failing = 'get'
      void store.counts
      log.length = 0
      const answer = await inTime(ask('/plain'), 'an answer')
      expect([answer.status, answer.text, answer.headerAll('set-cookie')]).to.deep.equal([200, 'plain', []])
      expect(log.map(({ level, message }) => [level, message])).to.deep.equal([
        ['error', 'The session could not be loaded; the request did not use it'],
      ])
      expect(log[0]?.fields).to.have.property('error').with.property('message', 'secret: the store is down')
      expect(store.counts).to.deep.equal([1, 0, 0])
      store.failing = undefined
      expect((await ask('/data')).json()).to.deep.equal({ a: '1' })
    },
  )

  const { store, options } = withStore({ rolling: true, cookie: { maxAge: 60_000 } })
  bothWays(
    'touch: a request that does not use its session is served as it is; the failure is logged once',
    registerLogin,
    async (send, _, { log }) => {
      const { ask } = createClient(send)
      await ask('/set/a/1')
      store.failing = 'touch'
      log.length = 0
      const answer = await inTime(ask('/plain'), 'an answer')
      expect([answer.status, answer.text, answer.headerAll('set-cookie')]).to.deep.equal([200, 'plain', []])
      expect(log.map(({ level, message }) => [level, message])).to.deep.equal([
        ['error', 'The session could not be saved; the request did not use it'],
      ])
      expect((await ask('/data')).status, 'one that uses it').to.equal(500)
      store.failing = undefined
      expect((await ask('/data')).json()).to.deep.equal({ a: '1' })
    },
    options,
  )

  withServers(
    'get: destroy or regenerate that nothing awaits fails the request, which is logged once',
    async (send, { store, log }) => {
      const { ask } = createClient(send)
      await ask('/set/a/1')
      store.failing = 'get'
      for (const path of ['/careless-logout', '/careless-login']) {
        log.length = 0
        expect((await ask(path)).status).to.equal(500)
        expect(log.map(({ message }) => message)).to.deep.equal([`GET ${path} failed`])
      }
    },
    (server) => {
      server.bindHandler('/careless-login', ({ session }) => {
        void session.regenerate()
      })
    },
  )

  withServers(
    'get: each use of the session throws, and a handler that catches that is served',
    async (send, { store, log }) => {
      const { ask } = createClient(send)
      await ask('/set/a/1')
      store.failing = 'get'
      log.length = 0
      expect((await ask('/uses')).json()).to.deep.equal(Array.from({ length: 8 }, () => 'secret: the store is down'))
      expect(log).to.deep.equal([])
      store.failing = undefined
      expect((await ask('/data')).json()).to.deep.equal({ a: '1' })
    },
    (server) => {
      server.bindHandler('/uses', ({ session }) => {
        const uses = [
          () => session.id,
          () => session.get('a'),
          () => session.set('a', 2),
          () => session.set('a', undefined),
          () => session.has('a'),
          () => session.remove('a'),
          () => session.data(),
          () => session.clear(),
        ]
        return uses.map((use) => {
          try {
            return use() ?? 'nothing thrown'
          } catch (error) {
            return (error as Error).message
          }
        })
      })
    },
  )

  withServers(
    'a status handler can destroy or replace a session that was saved already',
    async (send, { store }) => {
      const { ask, cookies, text } = createClient(send)
      await ask('/set/a/1')
      const id = await text('/id')
      expect((await ask('/patch')).status).to.equal(500)
      expect(await text('/id')).to.not.equal(id)
      expect((await ask('/data')).json()).to.deep.equal({ after: 'regenerate' })
      expect((await ask('/patch?destroy')).status).to.equal(500)
      expect([store.count, cookies.size]).to.deep.equal([0, 0])
      const { headerAll } = await ask('/patch?destroy')
      expect(headerAll('set-cookie').at(-1), 'of a session that began with this request').to.include('Max-Age=0')
      expect([store.count, cookies.size]).to.deep.equal([0, 0])
    },
    (server) => {
      server.bindHandler('/patch', ({ session }) => session.set('b', 1))
      server.bindHookHandler('/patch', 'AfterPatch', () => {
        throw new Error('secret')
      })
      server.bindStatusHandler(500, async ({ session, url }) => {
        if (url.endsWith('destroy')) return session.destroy()
        await session.regenerate()
        session.set('after', 'regenerate')
      })
    },
  )

  withServers(
    'no other failure loses what was set, or what a status handler sets',
    async (send) => {
      for (const path of ['/throws', '/patch']) {
        const { ask } = createClient(send)
        await ask('/set/a/1')
        expect((await ask(path)).text, path).to.equal('seen')
        expect((await ask('/data')).json(), path).to.deep.equal({ a: '1', b: path, seen: 1 })
      }
    },
    (server) => {
      server.bindHandler('/throws', ({ session }) => {
        session.set('b', '/throws')
        throw new Error('secret')
      })
      server.bindHandler('/patch', ({ session }) => session.set('b', '/patch'))
      server.bindHookHandler('/patch', 'AfterPatch', () => {
        throw new Error('secret')
      })
      server.bindStatusHandler(500, (request) => {
        request.session.set('seen', 1)
        request.response.writeOver('seen')
      })
    },
  )
})

describe('session: many at once', () => {
  withServers('requests of one session in parallel: all are served, the last to save wins', async (send) => {
    const { ask, cookies } = createClient(send)
    await ask('/set/a/1')
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
    const answers = await Promise.all(keys.map((key) => createClient(send, new Map(cookies)).ask(`/set/${key}/1`)))
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]))
    const data = (await ask('/data')).json() as Record<string, string>
    expect(data.a).to.equal('1')
    expect(Object.keys(data).length).to.be.greaterThan(1)
  })

  withServers('two servers share a store, and neither changes it', async (send, { other }) => {
    const { ask, cookies } = createClient(send)
    await ask('/set/a/1')
    const there = createClient(other, cookies)
    expect((await there.ask('/data')).json()).to.deep.equal({ a: '1' })
    await there.ask('/set/b/2')
    expect((await ask('/data')).json()).to.deep.equal({ a: '1', b: '2' })
  })

  withServers('hundreds of sessions, their requests interleaved, are never mixed', async (send) => {
    const clients = Array.from({ length: 300 }, (_, i) => ({ i, ...createClient(send) }))
    for (const round of ['login', 'set', 'read', 'read']) {
      await Promise.all(
        clients.map(async ({ i, ask }) => {
          if (round === 'login') await ask(`/login/n${i}`)
          else if (round === 'set') await ask(`/set/own/v${i}`)
          else expect((await ask('/data')).json()).to.deep.equal({ name: `n${i}`, own: `v${i}` })
        }),
      )
    }
  })
})

describe('session: HTTP/2', () => {
  it('works there, too', async () => {
    const server = new Server({ session: { secret } })
    registerLogin(server)
    const front = createServer((request, response) => {
      server.handle(request as never, response as never)
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const client = connect(`http://127.0.0.1:${(front.address() as AddressInfo).port}`)
    const ask = (path: string, cookie: string) =>
      new Promise<{ cookies: string[]; text: string }>((resolve, reject) => {
        const stream = client.request({ ':path': path, ...(cookie && { cookie }) })
        let cookies: string[] = []
        let text = ''
        stream.on('response', (headers) => (cookies = headers['set-cookie'] ?? []))
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
        stream.on('end', () => resolve({ cookies, text }))
        stream.on('error', reject)
      })
    try {
      const { cookies } = await ask('/set/a/1', '')
      expect(cookies).to.have.length(1)
      const cookie = (cookies[0] as string).split(';')[0] as string
      expect((await ask('/data', cookie)).text).to.equal('{"a":"1"}')
      expect((await ask('/logout', cookie)).cookies[0]).to.include('Max-Age=0')
      expect((await ask('/data', cookie)).text).to.equal('{}')
    } finally {
      client.close()
      front.close()
    }
  })
})
