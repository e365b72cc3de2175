import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Server } from 'tribind'
import { bothWays, gate, inTime, type Send, sendByInject, turns, until } from './both-ways.ts'
import { CountingStore } from './counting-store.ts'
import { createClient } from './session-client.ts'

const secret = 'a secret'

function register(server: Server): void {
  server.bindHandler('/login/:name', async ({ session, params }) => {
    session.set('before', 'login')
    await session.regenerate()
    session.set('name', params.name)
    return session.id
  })
  server.bindHandler('/renew', async ({ session }) => {
    const before = session.id
    await session.regenerate()
    return [before, session.id]
  })
  server.bindHandler('/logout', ({ session }) => session.destroy())
  server.bindHandler('/careless-logout', ({ session }) => {
    void session.destroy()
  })
  server.bindHandler('/set/:key/:value', ({ session, params }) => session.set(params.key, params.value))
  server.bindHandler('/data', ({ session }) => ({ ...session.data() }))
  server.bindHandler('/id', ({ session }) => session.id)
  server.bindHandler('/plain', () => 'plain')
}

/** A world of its own for each way: a store, a server that uses it, and how to reach a second server that shares it. */
function withStore(
  name: string,
  run: (
    send: Send,
    world: { store: CountingStore; server: Server; other: Send; log: { message: string }[] },
  ) => Promise<void>,
  more: (server: Server) => void = () => {},
): void {
  let store = new CountingStore()
  const shared = {
    get: (...call: Parameters<CountingStore['get']>) => store.get(...call),
    set: (...call: Parameters<CountingStore['set']>) => store.set(...call),
    touch: (...call: Parameters<CountingStore['touch']>) => store.touch(...call),
    destroy: (...call: Parameters<CountingStore['destroy']>) => store.destroy(...call),
  }
  bothWays(
    name,
    (server) => {
      store = new CountingStore()
      const second = new Server({ session: { secret, store: { ...shared } } })
      for (const one of [server, second]) {
        register(one)
        more(one)
      }
      return { server, other: sendByInject(second) }
    },
    (send, { server, other }, { log }) => run(send, { store, server, other, log }),
    { session: { secret, store: shared } },
  )
}

describe('session: ids', () => {
  withStore('that the store does not know are never adopted', async (send, { store }) => {
    const { ask, cookies, text } = createClient(send)
    await ask('/set/a/1')
    const known = cookies.get('connect.sid') as string
    const id = await text('/id')
    store.destroy(id, () => {})
    expect(await text('/id'), 'signed, but unknown').to.not.equal(id)
    await ask('/set/a/2')
    expect(cookies.get('connect.sid')).to.not.equal(known)
    for (const forged of ['s%3Aforged.forged', 'forged', 's%3A', known.replace(/..$/, 'xx'), `${known}x`, '']) {
      void store.counts
      const client = createClient(send, new Map([['connect.sid', forged]]))
      expect(await client.text('/data'), forged).to.equal('{}')
      expect(store.counts, 'without asking the store').to.deep.equal([0, 0, 0])
      await client.ask('/set/a/1')
      expect(client.cookies.get('connect.sid'), forged).to.not.equal(forged)
    }
  })

  withStore('are changed by regenerate, which keeps what is set after it', async (send, { store }) => {
    const { ask, text, cookies } = createClient(send)
    await ask('/set/a/1')
    const [before, cookieBefore] = [await text('/id'), cookies.get('connect.sid') as string]
    void store.counts
    const after = await text('/login/ann')
    expect(after).to.not.equal(before)
    expect(store.counts, 'saved once').to.deep.equal([1, 1, 0])
    expect(store.destroyed).to.deep.equal([before])
    expect(await text('/id')).to.equal(after)
    expect(JSON.parse(await text('/data'))).to.deep.equal({ name: 'ann' })
    const thief = createClient(send, new Map([['connect.sid', cookieBefore]]))
    expect(await thief.text('/data')).to.equal('{}')
  })

  withStore('are changed by regenerate alone, too', async (send, { store }) => {
    const { ask, text } = createClient(send)
    expect((await ask('/renew')).headerAll('set-cookie'), 'no value was ever set').to.deep.equal([])
    expect([store.count, store.destroyed]).to.deep.equal([0, []])
    await ask('/set/a/1')
    const [before, after] = JSON.parse(await text('/renew')) as [string, string]
    expect(before).to.not.equal(after)
    expect(await text('/id')).to.equal(after)
    expect(store.count).to.equal(1)
  })
})

describe('session: destroy', () => {
  for (const path of ['/logout', '/careless-logout']) {
    withStore(`removes it from the store and its cookie from the client: ${path}`, async (send, { store }) => {
      const { ask, text, cookies } = createClient(send)
      await ask('/set/a/1')
      const stolen = new Map(cookies)
      const [field] = (await ask(path)).headerAll('set-cookie')
      expect(field).to.match(/^connect\.sid=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970/)
      expect([store.count, cookies.size]).to.deep.equal([0, 0])
      expect(await createClient(send, stolen).text('/data')).to.equal('{}')
      expect(await text('/data')).to.equal('{}')
      expect((await ask(path)).headerAll('set-cookie'), 'nothing there').to.deep.equal([])
    })
  }

  withStore(
    'leaves nothing to be read or set, but regenerate gives another',
    async (send) => {
      const { ask, text } = createClient(send)
      await ask('/set/a/1')
      expect(JSON.parse(await text('/after'))).to.deep.equal(['{}', false, 'ERR_TRIBIND_STATE'])
      await ask('/set/a/1')
      expect((await ask('/again')).status).to.equal(200)
      expect(JSON.parse(await text('/data'))).to.deep.equal({ new: 1 })
    },
    (server) => {
      server.bindHandler('/after', async ({ session }) => {
        await session.destroy()
        let code: unknown
        try {
          session.set('a', 1)
        } catch (error) {
          code = (error as { code: unknown }).code
        }
        return [JSON.stringify(session.data()), session.has('a'), code]
      })
      server.bindHandler('/again', async ({ session }) => {
        await session.destroy()
        await session.regenerate()
        session.set('new', 1)
      })
    },
  )

  for (const second of ['/logout', '/login/eve'] as const) {
    for (const there of ['here', 'on another server']) {
      withStore(
        `stays destroyed when a request that began before still saves: ${second} ${there}`,
        async (send, { store, other }) => {
          const { ask, cookies } = createClient(send)
          await ask('/set/a/1')
          const slow = createClient(send, new Map(cookies)).ask('/slow')
          await until(() => entered, 'the slow request is in')
          const destroyer = createClient(there === 'here' ? send : other, new Map(cookies))
          await destroyer.ask(second)
          release()
          const answer = await slow
          expect([answer.status, answer.headerAll('set-cookie')]).to.deep.equal([200, []])
          expect(store.count).to.equal(second === '/logout' ? 0 : 1)
          expect(await createClient(send, new Map(cookies)).text('/data')).to.equal('{}')
        },
        (server) => {
          server.bindHandler('/slow', async ({ session }) => {
            const { opened, open } = gate()
            release = open
            entered = true
            await opened
            entered = false
            session.set('a', 'slow')
          })
        },
      )
    }
  }
  let release = () => {}
  let entered = false

  withStore('waits for a save that is under way, and ends before the next load', async (send, { store }) => {
    const { ask, cookies } = createClient(send)
    await ask('/set/a/1')
    const { opened, open } = gate()
    let saving = false
    store.before = (call) => {
      if (call !== 'set') return
      saving = true
      return opened
    }
    const writer = createClient(send, new Map(cookies)).ask('/set/a/2')
    await until(() => saving, 'the save is under way')
    const logout = createClient(send, new Map(cookies)).ask('/logout')
    await turns(50)
    expect(store.destroyed).to.deep.equal([])
    open()
    await Promise.all([writer, logout])
    expect(store.count).to.equal(0)
  })

  withStore(
    'another process that was faster is noticed by a request that took long',
    async (send, { store }) => {
      const { ask, cookies, text } = createClient(send)
      await ask('/set/a/1')
      const id = await text('/id')
      const slow = createClient(send, cookies).ask('/wait/1100')
      await new Promise((resolve) => setTimeout(resolve, 200))
      store.destroy(id, () => {})
      expect((await slow).status).to.equal(200)
      expect(store.count).to.equal(0)
    },
    waiting,
  )
})

function waiting(server: Server): void {
  server.bindHandler('/wait/:ms', async ({ session, params }) => {
    await new Promise((resolve) => setTimeout(resolve, Number(params.ms)))
    session.set('waited', params.ms)
  })
}

describe('session: a store that fails', () => {
  const calls = [
    ['get', '/plain'],
    ['get', '/data'],
    ['set', '/set/a/2'],
    ['destroy', '/logout'],
    ['destroy', '/careless-logout'],
    ['destroy', '/renew'],
  ] as const
  for (const [failing, path] of calls) {
    withStore(
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

  withStore(
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

  withStore(
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

  withStore(
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
  withStore('requests of one session in parallel: all are served, the last to save wins', async (send) => {
    const { ask, cookies } = createClient(send)
    await ask('/set/a/1')
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
    const answers = await Promise.all(keys.map((key) => createClient(send, new Map(cookies)).ask(`/set/${key}/1`)))
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]))
    const data = (await ask('/data')).json() as Record<string, string>
    expect(data.a).to.equal('1')
    expect(Object.keys(data).length).to.be.greaterThan(1)
  })

  withStore('two servers share a store, and neither changes it', async (send, { other }) => {
    const { ask, cookies } = createClient(send)
    await ask('/set/a/1')
    const there = createClient(other, cookies)
    expect((await there.ask('/data')).json()).to.deep.equal({ a: '1' })
    await there.ask('/set/b/2')
    expect((await ask('/data')).json()).to.deep.equal({ a: '1', b: '2' })
  })

  withStore('hundreds of sessions, their requests interleaved, are never mixed', async (send) => {
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
    register(server)
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
