import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { gate, overSocket, thrownBy, until } from './both-ways.ts'

describe('maxPendingCloses', () => {
  overSocket(
    'answers 503 to those that would join them, loses no close event, and then serves again',
    (server) => {
      const done = gate()
      const seen: string[] = []
      server.get('/hooked/:n', ({ params }) => params.n)
      server.get('/plain', () => 'plain')
      server.bindHookHandler('/hooked/*', 'BeforeClose', async ({ path }) => {
        seen.push(`Before ${path}`)
        await done.opened
      })
      server.bindHookHandler('/hooked/*', 'AfterClose', ({ path }) => void seen.push(`After ${path}`))
      return { seen, finish: done.open }
    },
    async (send, { seen, finish }, { log }) => {
      for (const n of [1, 2]) expect((await send(`/hooked/${n}`)).status).to.equal(200)
      await until(() => seen.length === 2, 'both close events have begun')
      const refused = await send('/hooked/3')
      expect([refused.status, refused.text, refused.header('retry-after')]).to.deep.equal([
        503,
        'Service Unavailable',
        '1',
      ])
      expect((await send('/plain')).text).to.equal('plain')
      expect(log.filter(({ level }) => level === 'warn')).to.have.length(1)
      finish()
      await until(() => seen.length === 4, 'the close events have ended')
      expect((await send('/hooked/4')).text).to.equal('4')
      await until(() => seen.length === 6, 'the last close events have ended')
      expect(seen.map((line) => line.replace(/ .*\//, ' ')).sort()).to.deep.equal([
        'After 1',
        'After 2',
        'After 4',
        'Before 1',
        'Before 2',
        'Before 4',
      ])
    },
    { maxPendingCloses: 2 },
  )

  it('is a whole number from 1', () => {
    expect(thrownBy(() => new Server({ maxPendingCloses: 0 }))).to.be.instanceOf(ConfigError)
  })
})
