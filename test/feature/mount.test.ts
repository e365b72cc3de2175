import { expect } from 'chai'
import { HttpError, RouteError, Server } from 'tribind'
import { bothWays, overHttp1, rawExchange, thrownBy } from './both-ways.ts'

function createShop(): Server {
  const shop = new Server({ logger: { debug() {}, info() {}, warn() {}, error() {} }, problems: true })
  shop.use((request, next) => {
    request.response.setHeader('X-Shop', request.path)
    return next()
  })
  shop.get('/', () => 'home')
  shop.get('/books/:id', ({ params, url }) => `${params.id} of ${url}`)
  shop.post('/books', (request) => request.text())
  shop.get('/broken', () => {
    throw new HttpError(409, 'Lent')
  })
  return shop
}

describe('mount', () => {
  bothWays(
    'hands what is below the prefix to another server, which sees the rest of the path',
    (server) => {
      server.use((request, next) => {
        request.response.setHeader('X-Outer', '1')
        return next()
      })
      server.get('/', () => 'outer')
      server.get('/shop/own', () => 'own')
      server.mount('/shop', createShop())
      server.group('/a').mount('/:tenant/shop@a.example', createShop())
    },
    async (send) => {
      const ask = async (url: string, host?: string) => {
        const { status, text } = await send({ url, ...(host !== undefined && { host }) })
        return [status, text]
      }
      expect(await ask('/')).to.deep.equal([200, 'outer'])
      expect(await ask('/shop')).to.deep.equal([200, 'home'])
      expect(await ask('/shop/')).to.deep.equal([200, 'home'])
      expect(await ask('/shop/own')).to.deep.equal([200, 'own'])
      expect(await ask('/shop/books/a%20b?c=d')).to.deep.equal([200, 'a b of /books/a%20b?c=d'])
      expect(await ask('//sh%6Fp//books/7')).to.deep.equal([200, '7 of /books/7'])
      expect(await ask('/a/t/shop/books/7', 'a.example')).to.deep.equal([200, '7 of /books/7'])
      expect((await ask('/a/t/shop/books/7', 'b.example'))[0]).to.equal(404)
      expect((await ask('/shopping'))[0]).to.equal(404)
      const posted = await send({ method: 'POST', url: '/shop/books', body: 'Emma' })
      expect([posted.status, posted.text]).to.deep.equal([200, 'Emma'])
      const broken = await send({ url: '/shop/broken' })
      expect([broken.status, JSON.parse(broken.text).detail]).to.deep.equal([409, 'Lent'])
      expect([broken.header('x-outer'), broken.header('x-shop')]).to.deep.equal(['1', '/broken'])
      expect((await send({ url: '/shop/none' })).header('content-type')).to.equal('application/problem+json')
      const head = await send({ method: 'HEAD', url: '/shop' })
      expect([head.status, head.header('content-length'), head.text]).to.deep.equal([200, '4', ''])
    },
  )

  overHttp1(
    'takes targets in absolute form',
    (server) => void server.mount('/shop', createShop()),
    async (_send, _world, { port }) => {
      const answer = await rawExchange(
        port,
        'GET http://shop/shop/books/7?a HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n',
      )
      expect(answer).to.match(/^HTTP\/1\.1 200 [\s\S]*\r\n7 of http:\/\/shop\/books\/7\?a$/)
    },
  )

  it('binds all or nothing, and names what it does not take', () => {
    const server = new Server()
    const untyped = server as unknown as { mount(prefix: string, other: unknown): void }
    for (const [prefix, other] of [
      ['/x', undefined],
      ['/x', {}],
      ['/x/*', createShop()],
      ['GET:/x', createShop()],
      ['x', createShop()],
    ] as const) {
      const error = thrownBy(() => untyped.mount(prefix, other))
      expect(error, prefix).to.be.instanceOf(RouteError)
      expect(error.message).to.include(`"${prefix}"`)
    }
    expect(server.routes()).to.deep.equal([])
  })
})
