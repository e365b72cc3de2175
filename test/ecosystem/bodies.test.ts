import { expect } from 'chai'
import bodyParser from 'body-parser'
import cookieParser from 'cookie-parser'
import methodOverride from 'method-override'
import multer from 'multer'
import { fromExpress } from 'tribind'
import { bothWays } from '../feature/both-ways.ts'

interface Guest {
  body: unknown
  method: string
  cookies: object
  signedCookies: object
  file: { originalname: string; buffer: Buffer }
}

const guestOf = (raw: unknown) => raw as Guest

describe('body-parser', () => {
  bothWays(
    'takes the body that is parsed already, and leaves it to request.json()',
    (server) => {
      server.use(fromExpress([bodyParser.json(), bodyParser.urlencoded({ extended: false })]))
      server.post('/', async (request) => [guestOf(request.raw).body, await request.json()])
    },
    async (send) => {
      const headers = { 'content-type': 'application/json' }
      const { text } = await send({ method: 'POST', url: '/', headers, body: '{"a":1}' })
      expect(text).to.equal('[{"a":1},{"a":1}]')
    },
  )

  bothWays(
    'reads it itself with the option body: false',
    (server) => {
      server.use(fromExpress(bodyParser.text({ type: '*/*' }), { body: false }))
      server.post('/', (request) => guestOf(request.raw).body)
    },
    async (send) => {
      const headers = { 'content-type': 'application/json', 'content-length': '7' }
      expect((await send({ method: 'POST', url: '/', headers, body: '{"a":1}' })).text).to.equal('{"a":1}')
    },
  )
})

describe('cookie-parser', () => {
  bothWays(
    'reads plain and signed cookies',
    (server) => {
      server.use(fromExpress(cookieParser('secret')))
      server.get('/', ({ raw }) => [guestOf(raw).cookies, guestOf(raw).signedCookies])
    },
    async (send) => {
      const { text } = await send({ url: '/', headers: { cookie: 'a=1; b=s%3A2.forged' } })
      expect(text).to.equal('[{"a":"1"},{"b":false}]')
    },
  )
})

describe('method-override', () => {
  bothWays(
    'changes the method that guests after it see, not that of the route',
    (server) => {
      server.use(fromExpress(methodOverride('_method')))
      server.post('/', (request) => [guestOf(request.raw).method, request.method])
    },
    async (send) => {
      expect((await send('POST /?_method=DELETE')).text).to.equal('["DELETE","POST"]')
    },
  )
})

describe('multer', () => {
  bothWays(
    'reads forms with files itself',
    (server) => {
      server.bindMiddleware('POST:/', fromExpress(multer().single('picture')))
      server.post('/', ({ raw }) => `${guestOf(raw).file.originalname}: ${guestOf(raw).file.buffer.toString()}`)
    },
    async (send) => {
      const form = new FormData()
      form.set('picture', new Blob(['GIF89a']), 'ann.gif')
      const encoded = new Response(form)
      const headers = { 'content-type': encoded.headers.get('content-type') as string }
      const body = new Uint8Array(await encoded.arrayBuffer())
      const { text } = await send({
        method: 'POST',
        url: '/',
        headers: { ...headers, 'content-length': String(body.length) },
        body,
      })
      expect(text).to.equal('ann.gif: GIF89a')
    },
  )
})
