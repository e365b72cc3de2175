import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import expressSession from 'express-session'
import { Server } from 'tribind'
import { type Send, sendByInject, sendToPort } from './both-ways.ts'
import { createClient } from './session-client.ts'
import { registerValues } from './session-routes.ts'

/** Serves with express-session's own middleware: `/set/KEY/VALUE` and `/data`. */
async function withExpress(options: expressSession.SessionOptions, run: (send: Send) => Promise<void>): Promise<void> {
  const middleware = expressSession(options)
  const front = createServer((request, response) => {
    middleware(request as never, response as never, () => {
      const { session } = request as unknown as { session: Record<string, unknown> }
      const [, act, key = '', value] = (request.url as string).split('/')
      if (act === 'set') session[key] = value
      const { cookie: _, ...values } = session
      response.end(JSON.stringify(values))
    })
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  try {
    await run(sendToPort((front.address() as AddressInfo).port))
  } finally {
    front.close()
    front.closeAllConnections()
  }
}

describe('session: an Express application with the same store, name and secret', () => {
  const cases = {
    'one secret': ['new', 'new'],
    'an older secret': [['new', 'old'], 'old'],
    'a secret that is not ASCII': ['sécret€', 'sécret€'],
  } as const
  for (const [name, [secret, expressSecret]] of Object.entries(cases)) {
    it(`sees the same sessions, and we see its: ${name}`, async () => {
      const store = new expressSession.MemoryStore()
      const common = { store, resave: false, saveUninitialized: false, cookie: { maxAge: 60_000 } }
      const server = new Server({ session: { ...common, secret: secret as string } })
      registerValues(server)
      const ours = sendByInject(server)
      await withExpress({ ...common, secret: expressSecret }, async (theirs) => {
        const cookies = new Map<string, string>()
        await createClient(theirs, cookies).ask('/set/a/express')
        const client = createClient(ours, cookies)
        expect((await client.ask('/data')).json()).to.deep.equal({ a: 'express' })
        await client.ask('/set/b/tribind')
        if (secret !== expressSecret) return
        expect((await createClient(theirs, cookies).ask('/data')).json()).to.deep.equal({ a: 'express', b: 'tribind' })
        const begun = new Map<string, string>()
        await createClient(ours, begun).ask('/set/c/1')
        await createClient(theirs, begun).ask('/set/d/2')
        expect((await createClient(ours, begun).ask('/data')).json()).to.deep.equal({ c: '1', d: '2' })
      })
    })
  }

  it('gets the session as its own class, with the methods of its cookie', async () => {
    const seen: string[] = []
    class Store extends expressSession.MemoryStore {
      override set(id: string, session: expressSession.SessionData, done?: (error?: unknown) => void): void {
        const { id: own } = session as expressSession.SessionData & expressSession.Session
        seen.push(`${own === id}, ${'touch' in session}, ${Math.round((session.cookie.maxAge as number) / 1000)}`)
        super.set(id, session, done)
      }
    }
    const server = new Server({ session: { secret: 'a', store: new Store(), cookie: { maxAge: 60_000 } } })
    registerValues(server)
    await server.inject({ url: '/set/a/1' })
    expect(seen).to.deep.equal(['true, true, 60'])
  })
})
