import { expect } from 'chai'
import flash from 'connect-flash'
import csurf from 'csurf'
import session from 'express-session'
import { fromConnect, fromExpress, type Server } from 'tribind'
import { bothWays } from '../feature/both-ways.ts'
import { browse } from './browse.ts'

interface Guest {
  session: { views?: number }
  csrfToken(): string
  flash(type: string, message?: string): string[]
}

const guestOf = (raw: unknown) => raw as Guest

describe('express-session', () => {
  const countViews = (server: Server) =>
    server.get('/', ({ raw }) => {
      const { session } = guestOf(raw)
      session.views = (session.views ?? 0) + 1
      return session.views
    })

  for (const from of [fromConnect, fromExpress]) {
    bothWays(
      `keeps its own sessions, by ${from.name}`,
      (server) => {
        server.use(from(session({ secret: 'secret', resave: false, saveUninitialized: false })))
        countViews(server)
      },
      async (send) => {
        const browser = browse(send)
        const texts = [await browser('/'), await browser('/'), await send('/')].map(({ text }) => text)
        expect(texts).to.deep.equal(['1', '2', '1'])
      },
    )

    bothWays(
      `takes the sessions of tribind for its own, by ${from.name}`,
      (server) => {
        server.use(from(session({ secret: 'other', resave: false, saveUninitialized: false })))
        countViews(server)
        server.get('/ours', (request) => request.session.get('views'))
      },
      async (send) => {
        const browser = browse(send)
        await browser('/')
        await browser('/')
        expect((await browser('/ours')).text).to.equal('2')
      },
      { session: { secret: 'secret' } },
    )
  }
})

describe('connect-flash', () => {
  bothWays(
    'keeps a message to the next request, without Express',
    (server) => {
      server.use(fromConnect(flash()))
      server.post('/', ({ raw }) => void guestOf(raw).flash('info', 'saved'))
      server.get('/', ({ raw }) => guestOf(raw).flash('info'))
    },
    async (send) => {
      const browser = browse(send)
      await browser({ method: 'POST', url: '/' })
      expect([(await browser('/')).text, (await browser('/')).text]).to.deep.equal(['["saved"]', '[]'])
    },
    { session: { secret: 'secret' } },
  )
})

describe('csurf', () => {
  bothWays(
    'lets in forms with its token, in a field or a header field, and answers the others 403',
    (server) => {
      server.use(fromExpress(csurf()))
      server.get('/', ({ raw }) => guestOf(raw).csrfToken())
      server.post('/', async (request) => (await request.form())['name'])
    },
    async (send) => {
      const browser = browse(send)
      const { text: token } = await browser('/')
      const post = (body: string, headers = {}) =>
        browser({
          method: 'POST',
          url: '/',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
          body,
        })
      expect((await post(`name=ann&_csrf=${encodeURIComponent(token)}`)).text).to.equal('ann')
      expect((await post('name=ann', { 'csrf-token': token })).text).to.equal('ann')
      const refused = await post('name=ann&_csrf=guessed')
      expect([refused.status, refused.text]).to.deep.equal([403, 'invalid csrf token'])
    },
    { session: { secret: 'secret' } },
  )
})
