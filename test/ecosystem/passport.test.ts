import { expect } from 'chai'
import flash from 'connect-flash'
import type { Request as ExpressRequest } from 'express'
import passport from 'passport'
import { Strategy } from 'passport-local'
import { fromExpress, type Server } from 'tribind'
import { bothWays } from '../feature/both-ways.ts'
import { browse } from './browse.ts'

interface Guest {
  user?: { name: string }
  flash(type: string): string[]
}

const guestOf = (raw: unknown) => raw as Guest

function createPassport() {
  const authenticator = new passport.Passport()
  authenticator.use(
    new Strategy((name, password, done) => {
      setImmediate(() => done(null, password === 'right' ? { name } : false, { message: 'wrong password' }))
    }),
  )
  authenticator.serializeUser((user, done) => done(null, (user as { name: string }).name))
  authenticator.deserializeUser((name: string, done) => done(null, { name }))
  return authenticator
}

function registerLogin(server: Server): void {
  const passport = createPassport()
  const login = { successRedirect: '/me', failureRedirect: '/login', failureFlash: true }
  server.use(fromExpress([passport.initialize(), passport.session(), flash()]))
  server.bindMiddleware('POST:/login', fromExpress(passport.authenticate('local', login)))
  server.get('/login', ({ raw }) => guestOf(raw).flash('error'))
  server.get('/me', ({ raw }) => guestOf(raw).user?.name ?? 'nobody')
  server.bindMiddleware(
    'POST:/logout',
    fromExpress((req: ExpressRequest, _res, next) => req.logout(next)),
  )
  server.post('/logout', ({ session }) => session.data())
}

const type = { 'content-type': 'application/x-www-form-urlencoded' }
const form = (password: string) => ({
  method: 'POST',
  url: '/login',
  headers: type,
  body: `username=ann&password=${password}`,
})

describe('passport with passport-local and connect-flash', () => {
  bothWays(
    'log in from a form, over a redirect, with the session of tribind',
    registerLogin,
    async (send) => {
      const browser = browse(send)
      const refused = await browser(form('wrong'))
      expect([refused.status, refused.header('location')]).to.deep.equal([302, '/login'])
      expect((await browser('/login')).text).to.equal('["wrong password"]')
      expect((await browser('/login')).text).to.equal('[]')
      expect((await browser('/me')).text).to.equal('nobody')

      const allowed = await browser(form('right'))
      expect([allowed.status, allowed.header('location')]).to.deep.equal([302, '/me'])
      expect((await browser('/me')).text).to.equal('ann')
      expect((await browse(send)('/me')).text).to.equal('nobody')

      await browser({ method: 'POST', url: '/logout' })
      expect((await browser('/me')).text).to.equal('nobody')
    },
    { session: { secret: 'secret' } },
  )

  bothWays(
    'start a new session at the login, so that one that was planted is worthless',
    registerLogin,
    async (send) => {
      const browser = browse(send)
      await browser(form('wrong'))
      const planted = browser.cookies()
      await browser(form('right'))
      expect(browser.cookies()).to.not.equal(planted)
      expect((await send({ url: '/me', headers: { cookie: planted } })).text).to.equal('nobody')
    },
    { session: { secret: 'secret' } },
  )

  bothWays(
    'read what was sent as JSON',
    registerLogin,
    async (send) => {
      const body = JSON.stringify({ username: 'ann', password: 'right' })
      const { headers: _, ...login } = form('')
      const answer = await send({ ...login, headers: { 'content-type': 'application/json' }, body })
      expect(answer.header('location')).to.equal('/me')
    },
    { session: { secret: 'secret' } },
  )
})
