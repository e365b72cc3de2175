import { expect } from 'chai'
import type { Server } from 'tribind'
import { portOf, until } from './both-ways.ts'
import { END_HEADERS, END_STREAM, fields, openRawSession, types } from './http2-raw.ts'
import { closeAll, create } from './http2-world.ts'

describe('http2: a session that its client ends and breaks', () => {
  afterEach(closeAll)

  it('ends with the request that is under way, and its close events run', async () => {
    let ended = 0
    const register = (server: Server) => {
      server.get('/slow', () => new Promise((resolve) => setTimeout(resolve, 20, 'slow')))
      server.bindHookHandler('/*', 'AfterClose', () => void ended++)
    }
    const server = create(register, { connectionsCheckingInterval: 50, keepAliveTimeout: 200, timeout: 500 })
    await server.start()
    const raw = await openRawSession(portOf(server))
    raw.send(types.headers, END_HEADERS + END_STREAM, 1, fields('/slow'))
    raw.send(types.goaway, 0, 0, Buffer.alloc(8))
    // SETTINGS whose length isn't a multiple of 6 (RFC 9113, section 6.5).
    raw.send(types.settings, 0, 0, Buffer.alloc(5))
    setTimeout(() => raw.socket.destroy(), 50)
    await until(() => ended === 1, 'AfterClose runs', 8000)
    expect(ended).to.equal(1)
  }).timeout(10_000)
})
