import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { expect } from 'chai'
import { overHttp1 } from '../feature/both-ways.ts'
import { browse } from './browse.ts'

describe('better-auth', () => {
  overHttp1(
    'signs up, in and out, with its cookies',
    (server) => {
      const auth = betterAuth({
        baseURL: 'http://localhost/api/auth',
        secret: 'a secret of at least thirty-two characters',
        database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
        emailAndPassword: { enabled: true },
        telemetry: { enabled: false },
        logger: { disabled: true },
      })
      server.all('/api/auth/*', (request) => auth.handler(request.web))
      server.get('/me', async (request) => {
        const session = await auth.api.getSession({ headers: request.web.headers })
        return session?.user.name ?? 'nobody'
      })
    },
    async (send) => {
      const browser = browse(send)
      const post = (path: string, body: object = {}) =>
        browser({
          method: 'POST',
          url: `/api/auth/${path}`,
          headers: { 'content-type': 'application/json', origin: 'http://localhost' },
          body: JSON.stringify(body),
        })
      expect((await browser('/me')).text).to.equal('nobody')
      const ann = { name: 'Ann', email: 'ann@a.example', password: 'a long password' }
      expect((await post('sign-up/email', ann)).status).to.equal(200)
      expect((await browser('/me')).text).to.equal('Ann')
      expect((await post('sign-out')).status).to.equal(200)
      expect((await browser('/me')).text).to.equal('nobody')
      expect((await post('sign-in/email', { ...ann, password: 'another password' })).status).to.equal(401)
      expect((await post('sign-in/email', ann)).status).to.equal(200)
      expect((await browser('/me')).text).to.equal('Ann')
    },
  )
})
