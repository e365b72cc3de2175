import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { HttpError } from 'tribind'
import { bothWays } from './both-ways.ts'

bothWays(
  'a Referer with a tab, or with the port that the scheme has anyhow',
  (server) => server.get('/', (request) => request.response.redirectBack()),
  async (ask) => {
    const from = async (referer: string, host: string) =>
      (await ask({ url: '/', headers: { referer, host } })).header('location')
    expect(await from('http://h/a\tb', 'h')).to.equal('http://h/ab')
    expect(await from('http://h:80/a', 'h:80')).to.equal('http://h/a')
    expect(await from('http://other/a', 'h')).to.equal('/')
  },
)

bothWays(
  'a source of another make that fails before it is read',
  (server) =>
    server.get('/', () => {
      const source = Object.assign(new EventEmitter(), {
        async *[Symbol.asyncIterator]() {
          source.emit('error', new Error('gone'))
          yield 'still here'
        },
      })
      return source
    }),
  async (ask) => {
    expect((await ask({ url: '/' })).text).to.equal('still here')
  },
)

bothWays(
  'a source that is replaced, or comes too late, is destroyed',
  (server) => {
    server.get('/', ({ response }) => {
      const source = Readable.from(['x'])
      response.stream(source)
      response.setBuffer('instead')
      response.setHeader('X-Destroyed', String(source.destroyed))
    })
  },
  async (ask) => {
    const answer = await ask({ url: '/' })
    expect([answer.text, answer.header('x-destroyed')]).to.deep.equal(['instead', 'true'])
  },
)

bothWays(
  'an error after the request itself was returned is answered, and the next request served',
  (server) => {
    server.post('/', (request) => request.raw)
    server.bindHookHandler('/*', 'AfterServe', () => {
      throw new HttpError(403)
    })
  },
  async (ask) => {
    for (let i = 0; i < 2; i++)
      expect((await ask({ method: 'POST', url: '/', body: 'x'.repeat(1000) })).status).to.equal(403)
  },
)

describe('what fetch gave', () => {
  it('is sent on without the fields of its own connection and coding', async () => {
    const upstream = createServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain', 'x-own': 'kept' })
      response.end(gzipSync('decoded'))
    }).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { Server } = await import('tribind')
    const server = new Server()
    server.get('/', () => fetch(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`))
    const answer = await server.inject()
    expect([answer.text(), answer.headers['x-own'], answer.headers['content-encoding']]).to.deep.equal([
      'decoded',
      'kept',
      undefined,
    ])
    upstream.close()
  })
})

bothWays(
  'Response.error() and a returned Error are errors; a chunk without JSON is one before the head',
  (server) => {
    server.get('/web', () => Response.error())
    server.get('/error', () => new HttpError(418))
    server.get('/chunk', async function* () {
      yield 1n
    })
    server.get('/views', async function* () {
      yield new Uint16Array([0x6261])
      yield new Uint8Array([99]).buffer
    })
  },
  async (ask) => {
    expect((await ask({ url: '/web' })).status).to.equal(500)
    expect((await ask({ url: '/error' })).status).to.equal(418)
    expect((await ask({ url: '/chunk' })).status).to.equal(500)
    expect((await ask({ url: '/views' })).text).to.equal('abc')
  },
)

bothWays(
  'a Location goes with the answer that failed, a Trailer never goes out, and undefined cookie options mean the default',
  (server) => {
    server.get('/location', ({ response }) => {
      response.redirectTo('/x')
      throw new Error('no')
    })
    server.get('/trailer', ({ response }) => {
      response.setHeader('Trailer', 'X')
      return 'ok'
    })
    server.get('/cookie', ({ cookie }) => cookie.set('a', 'b', JSON.parse('{}') && ({ httpOnly: undefined } as object)))
  },
  async (ask) => {
    expect((await ask({ url: '/location' })).header('location')).to.equal(undefined)
    expect((await ask({ url: '/trailer' })).text).to.equal('ok')
    expect((await ask({ url: '/cookie' })).header('set-cookie')).to.match(/HttpOnly/)
  },
)
