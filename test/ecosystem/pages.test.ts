import { expect } from 'chai'
import cookieParser from 'cookie-parser'
import { doubleCsrf } from 'csrf-csrf'
import i18next from 'i18next'
import { handle, LanguageDetector } from 'i18next-http-middleware'
import { Registry, Counter } from 'prom-client'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import swaggerUi from 'swagger-ui-express'
import { fromExpress, rateLimit } from 'tribind'
import { bothWays } from '../feature/both-ways.ts'
import { browse } from './browse.ts'

interface Guest {
  t(key: string): string
  csrfToken(): string
}

const guestOf = (raw: unknown) => raw as Guest

describe('csrf-csrf', () => {
  bothWays(
    'lets in requests with its token, in a header field or a form, and answers the others 403',
    (server) => {
      const { doubleCsrfProtection } = doubleCsrf({
        getSecret: () => 'a secret of at least some length',
        getSessionIdentifier: () => 'ann',
        cookieName: 'csrf',
        cookieOptions: { secure: false },
        getCsrfTokenFromRequest: ({ headers, body }) => headers['x-csrf-token'] ?? (body as { _csrf?: string })._csrf,
      })
      server.use(fromExpress([cookieParser(), doubleCsrfProtection]))
      server.get('/', ({ raw }) => guestOf(raw).csrfToken())
      server.post('/', async (request) => (await request.form())['name'])
    },
    async (send) => {
      const browser = browse(send)
      const { text: token } = await browser('/')
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const post = (body: string, headers = {}) =>
        browser({ method: 'POST', url: '/', headers: { ...type, ...headers }, body })
      expect((await post('name=ann', { 'x-csrf-token': token })).text).to.equal('ann')
      expect((await post(`name=ann&_csrf=${encodeURIComponent(token)}`)).text).to.equal('ann')
      expect((await post('name=ann&_csrf=guessed')).status).to.equal(403)
    },
  )
})

describe('i18next-http-middleware', () => {
  const resources = { en: { translation: { hello: 'Hello' } }, de: { translation: { hello: 'Hallo' } } }

  bothWays(
    'translates by Accept-Language',
    (server) => {
      const translator = i18next.createInstance()
      void translator.use(LanguageDetector).init({ resources, fallbackLng: 'en' })
      server.use(fromExpress(handle(translator)))
      server.get('/', ({ raw }) => guestOf(raw).t('hello'))
    },
    async (send) => {
      expect((await send({ url: '/', headers: { 'accept-language': 'de' } })).text).to.equal('Hallo')
      expect((await send({ url: '/', headers: { 'accept-language': 'en' } })).text).to.equal('Hello')
    },
  )
})

describe('swagger-ui-express', () => {
  bothWays(
    'shows an API',
    (server) => {
      const document = { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, paths: {} }
      server.use(fromExpress([...swaggerUi.serve, swaggerUi.setup(document)], { path: '/docs' }))
      server.get('/', () => 'ours')
    },
    async (send) => {
      const page = await send('/docs/')
      expect([page.status, page.header('content-type')]).to.deep.equal([200, 'text/html; charset=utf-8'])
      expect(page.text).to.include('swagger-ui')
      expect((await send('/docs/swagger-ui-init.js')).text).to.include('"title": "Shop"')
      expect((await send('/docs/swagger-ui.css')).header('content-type')).to.match(/^text\/css/)
      expect((await send('/')).text).to.equal('ours')
    },
  )
})

describe('prom-client', () => {
  bothWays(
    'tells its metrics',
    (server) => {
      const register = new Registry()
      const served = new Counter({ name: 'served', help: 'requests', registers: [register] })
      server.get('/', () => served.inc())
      server.get('/metrics', async ({ response }) => {
        response.setHeader('Content-Type', register.contentType)
        response.write(await register.metrics())
      })
    },
    async (send) => {
      await send('/')
      const { text, header } = await send('/metrics')
      expect(text).to.include('served 1')
      expect(header('content-type')).to.match(/^text\/plain; version=/)
    },
  )
})

describe('rate-limiter-flexible', () => {
  bothWays(
    'counts for rateLimit',
    (server) => {
      const limiter = new RateLimiterMemory({ points: 1, duration: 60 })
      server.use(rateLimit({ limiter }))
      server.get('/', () => 'served')
    },
    async (send) => {
      expect([(await send('/')).status, (await send('/')).status]).to.deep.equal([200, 429])
    },
  )
})
