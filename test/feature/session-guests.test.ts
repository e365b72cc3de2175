import { expect } from 'chai'
import express, { type Request as Req, type Response as Res } from 'express'
import type { Session as ExpressSession, SessionData } from 'express-session'
import { fromConnect, fromExpress, type Server } from 'tribind'
import { createClient } from './session-client.ts'
import { withServers } from './session-world.ts'

type Guest = Req & { session: ExpressSession & SessionData & Record<string, unknown>; sessionID: string }

/** Middleware for express-session that answers itself. */
function registerGuests(server: Server): void {
  const app = express()
  app.get('/g/set/:value', (req, res) => {
    ;(req as unknown as Guest).session['value'] = req.params.value
    res.redirect('/g/get')
  })
  app.get('/g/chunks/:value', (req, res) => {
    ;(req as unknown as Guest).session['value'] = req.params.value
    res.writeHead(200, { 'X-Head': '1' })
    res.write('one ')
    res.end('two')
  })
  app.get('/g/get', (req, res) => void res.json((req as unknown as Guest).session['value'] ?? null))
  app.get('/g/saved', (req, res, next) => {
    const { session } = req as unknown as Guest
    session['value'] = 'saved'
    session.save((error) => {
      session['value'] = 'changed after'
      if (error) next(error)
      else res.json('saved')
    })
  })
  app.get('/g/regenerate', (req, res, next) => {
    const guest = req as unknown as Guest
    const { session: before, sessionID } = guest
    before.regenerate((error) => {
      if (error) return next(error)
      guest.session['value'] = 'new'
      res.json([
        before['value'],
        before.id === sessionID,
        guest.sessionID !== sessionID,
        guest.session.id === guest.sessionID,
      ])
    })
  })
  app.get('/g/destroy', (req, res, next) => {
    const guest = req as unknown as Guest
    const before = guest.session
    before.destroy((error) => (error ? next(error) : res.json([guest.session ?? null, before['value']])))
  })
  server.use(fromExpress(app))
}

withServersOf('guests: what they set is there for others, also where they answer themselves', async (send) => {
  const client = createClient(send)
  const redirect = await client.ask('/g/set/1')
  expect([redirect.status, redirect.header('location')]).to.deep.equal([302, '/g/get'])
  expect(redirect.headerAll('set-cookie')).to.have.length(1)
  expect((await client.ask('/g/get')).json()).to.equal('1')
  expect((await client.ask('/data')).json()).to.deep.equal({ value: '1' })
  await client.ask('/set/value/2')
  expect((await client.ask('/g/get')).json()).to.equal('2')
  const chunks = await createClient(send).ask('/g/chunks/3')
  expect([chunks.text, chunks.header('x-head'), chunks.headerAll('set-cookie').length]).to.deep.equal([
    'one two',
    '1',
    1,
  ])
})

withServersOf('guests: save, regenerate and destroy are those of express-session', async (send, { store }) => {
  const client = createClient(send)
  expect((await client.ask('/g/saved')).headerAll('set-cookie')).to.have.length(1)
  expect((await client.ask('/data')).json()).to.deep.equal({ value: 'changed after' })
  const before = (await client.ask('/id')).text
  expect((await client.ask('/g/regenerate')).json()).to.deep.equal(['changed after', true, true, true])
  expect(store.destroyed).to.deep.equal([before])
  expect((await client.ask('/data')).json()).to.deep.equal({ value: 'new' })
  const gone = await client.ask('/g/destroy')
  expect([gone.json(), gone.headerAll('set-cookie').length]).to.deep.equal([[null, 'new'], 1])
  expect((await client.ask('/data')).json()).to.deep.equal({})
})

withServersOf(
  'guests: a store that fails is a 500 without a cookie, not an answer that promises too much',
  async (send, world) => {
    const { store } = world
    for (const path of ['/g/set/1', '/g/chunks/1', '/g/saved']) {
      store.failing = 'set'
      const answer = await createClient(send).ask(path)
      expect([answer.status, answer.text], path).to.deep.equal([500, 'Internal Server Error'])
      expect([answer.headerAll('set-cookie'), answer.header('location')]).to.deep.equal([[], undefined])
      store.failing = undefined
    }
    const client = createClient(send)
    await client.ask('/g/set/1')
    store.failing = 'destroy'
    expect((await client.ask('/g/destroy')).status).to.equal(500)
  },
)

withServersOf('guests: what only reads leaves no session and no cookie', async (send, { store }) => {
  const answer = await createClient(send).ask('/g/get')
  expect([answer.json(), answer.headerAll('set-cookie'), store.count]).to.deep.equal([null, [], 0])
})

withServers(
  'guests: the session is an object with the values, the methods apart',
  async (send) => {
    const { ask } = createClient(send)
    await ask('/set/a/1')
    expect((await ask('/look')).json()).to.deep.equal({
      keys: ['a', 'b'],
      json: '{"a":"1","b":[2,3]}',
      has: [true, false, true],
      cookie: ['/', null, true],
      frozen: 'TypeError',
      unset: [null, 'plain'],
    })
    expect((await ask('/data')).json()).to.deep.equal({ a: '1', b: [2, 3] })
  },
  (server) => {
    server.use(
      fromConnect((req: Guest, res: Res, next) => {
        if (req.url !== '/look') return next()
        const { session } = req
        session['b'] = [2]
        ;(session['b'] as number[]).push(3)
        session['c'] = 'gone'
        delete session['c']
        let frozen = ''
        try {
          session.cookie.maxAge = 1000
        } catch (error) {
          frozen = (error as Error).name
        }
        const { path, originalMaxAge, httpOnly } = session.cookie
        const seen = {
          keys: Object.keys(session),
          json: JSON.stringify(session),
          has: ['a' in session, 'c' in session, 'save' in session],
          cookie: [path, originalMaxAge, httpOnly],
          frozen,
        }
        Object.assign(req, { session: null })
        const before = req.session
        Object.assign(req, { session: 'plain' })
        res.end(JSON.stringify({ ...seen, unset: [before, req.session] }))
        return undefined
      }),
    )
  },
)

function withServersOf(name: string, run: Parameters<typeof withServers>[1]): void {
  withServers(name, run, registerGuests)
}
