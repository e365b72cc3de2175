import { once } from 'node:events'
import { expect } from 'chai'
import timeout from 'connect-timeout'
import { rateLimit } from 'express-rate-limit'
import { slowDown } from 'express-slow-down'
import { fromExpress, HttpError } from 'tribind'
import { bothWays, overSocket, until } from '../feature/both-ways.ts'

describe('express-rate-limit', () => {
  overSocket(
    'counts by address, says what is left in the fields of draft 8, and answers 429',
    (server) => {
      server.use(
        fromExpress(rateLimit({ windowMs: 60_000, limit: 2, standardHeaders: 'draft-8', legacyHeaders: false })),
      )
      server.get('/', () => 'served')
    },
    async (send, _world, { log }) => {
      const seen: unknown[] = []
      for (let i = 0; i < 3; i++) {
        const { status, text, header } = await send('/')
        seen.push([status, text, /r=(\d)/.exec(header('ratelimit') ?? '')?.[1]])
        expect(header('ratelimit-policy')).to.match(/^"2-in-1min"; q=2; w=60/)
      }
      expect(seen).to.deep.equal([
        [200, 'served', '1'],
        [200, 'served', '0'],
        [429, 'Too many requests, please try again later.', '0'],
      ])
      expect(log).to.deep.equal([])
    },
  )

  overSocket(
    'counts the clients behind a proxy that trustProxy names apart',
    (server) => {
      server.use(fromExpress(rateLimit({ limit: 1 })))
      server.get('/', ({ raw }) => (raw as unknown as { ip: string }).ip)
    },
    async (send) => {
      const from = (address: string) => send({ url: '/', headers: { 'x-forwarded-for': address } })
      expect((await from('192.0.2.1')).text).to.equal('192.0.2.1')
      expect((await from('192.0.2.2')).text).to.equal('192.0.2.2')
      expect((await from('192.0.2.1')).status).to.equal(429)
    },
    { trustProxy: 'loopback' },
  )
})

describe('express-slow-down', () => {
  overSocket(
    'delays what comes too often',
    (server) => {
      server.use(fromExpress(slowDown({ windowMs: 60_000, delayAfter: 1, delayMs: () => 60 })))
      server.get('/', () => 'served')
    },
    async (send) => {
      const times: number[] = []
      for (let i = 0; i < 2; i++) {
        const start = performance.now()
        expect((await send('/')).text).to.equal('served')
        times.push(performance.now() - start)
      }
      expect(times[1]).to.be.at.least(55)
    },
  )
})

describe('connect-timeout', () => {
  bothWays(
    'tells guests of the time-out; the answer is left to the handler, and the error is logged',
    (server) => {
      const seen: unknown[] = []
      server.use(fromExpress(timeout('10ms')))
      server.get('/', async ({ raw }) => {
        await once(raw, 'timeout')
        seen.push((raw as unknown as { timedout: boolean }).timedout)
        throw new HttpError(503)
      })
      return seen
    },
    async (send, seen, { log }) => {
      expect((await send('/')).status).to.equal(503)
      expect(seen).to.deep.equal([true])
      const late = () => log.filter(({ message }) => message.includes('failed after it had ended'))
      await until(() => late().length > 0, 'the error is logged')
      expect(late().map(({ level }) => level)).to.deep.equal(['error'])
    },
  )
})
