import { connect } from 'node:net'
import { expect } from 'chai'
import { Server } from 'tribind'
import { collectingLogger, gate, sendToPort, turns, until } from './both-ways.ts'
import { createClient } from './session-client.ts'
import { withStore } from './session-routes.ts'
import { registerLogin, withServers } from './session-world.ts'

describe('session: ids', () => {
  withServers('that the store does not know are never adopted', async (send, { store }) => {
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

  withServers('are changed by regenerate, which keeps what is set after it', async (send, { store }) => {
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

  withServers('are changed by regenerate alone, too', async (send, { store }) => {
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
    withServers(`removes it from the store and its cookie from the client: ${path}`, async (send, { store }) => {
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

  withServers(
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
      withServers(
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

  withServers('waits for a save that is under way, and ends before the next load', async (send, { store }) => {
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

  withServers(
    'of two at once the first fails: a request that loads in between does not save after the second',
    async (send, { store }) => {
      const { ask, cookies } = createClient(send)
      await ask('/set/a/1')
      const gates = [gate(), gate()]
      let destroying = 0
      store.before = (call) => (call === 'destroy' ? gates[destroying++]?.opened : undefined)
      const logouts = [0, 1].map(() => createClient(send, new Map(cookies)).ask('/logout'))
      await until(() => destroying === 2, 'both logouts are at the store')
      store.failing = 'destroy'
      gates[0]?.open()
      expect((await Promise.race(logouts)).status).to.equal(500)
      store.failing = undefined
      void store.counts
      const slow = createClient(send, new Map(cookies)).ask('/wait/100')
      await until(() => store.reads > 0, 'the slow request has loaded')
      gates[1]?.open()
      await Promise.all([slow, ...logouts])
      expect(store.count).to.equal(0)
    },
    waiting,
  )

  it('happens also after the client has left, however late', async () => {
    const { store, options } = withStore()
    const server = new Server({ port: 0, logger: collectingLogger(), ...options })
    registerLogin(server)
    let isOver = false
    // With it, the request is released while the handler still runs.
    server.bindHookHandler('/late-logout', 'AfterClose', () => {})
    server.bindHandler('/late-logout', async ({ session }) => {
      await new Promise((resolve) => setTimeout(resolve, 1300))
      await session.destroy()
      isOver = true
    })
    await server.start()
    try {
      const { ask, cookies } = createClient(sendToPort(server.port))
      await ask('/set/a/1')
      const socket = connect(server.port, '127.0.0.1')
      void store.counts
      socket.write(`GET /late-logout HTTP/1.1\r\nHost: a\r\nCookie: connect.sid=${cookies.get('connect.sid')}\r\n\r\n`)
      await until(() => store.reads === 1, 'the session is loaded')
      socket.destroy()
      await until(() => isOver, 'the handler is through')
      expect(store.count).to.equal(0)
    } finally {
      await server.stop()
    }
  })

  withServers(
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
