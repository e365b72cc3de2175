import { expect } from 'chai'
import { DuplicateRouteError, type Request, RouteError, Server } from 'tribind'
import { bothWays, type Send, thrownBy } from './both-ways.ts'

let made = 0

class Books {
  readonly number = ++made
  index(): string {
    return 'index'
  }
  create(): string {
    return 'create'
  }
  store(): string {
    return 'store'
  }
  show({ params }: Request): string {
    return `show ${params['id']}`
  }
  edit({ params }: Request): string {
    return `edit ${params['id']}`
  }
  update({ method, params }: Request): string {
    return `${method} ${params['id']}`
  }
  destroy({ params }: Request): string {
    return `destroy ${params['id']}`
  }
  /** No action. */
  other(): string {
    return `instance ${this.number}`
  }
}

class Pages {
  #shown = 0
  readonly init = ({ response }: Request) => response.write('page ')
  show({ params }: Request): string {
    return `${params['site']} ${params['id']} ${++this.#shown}`
  }
}

async function expectBooks(send: Send, url: string, host?: string): Promise<void> {
  const ask = async (method: string, path: string) => {
    const { status, text } = await send({ method, url: `${url}${path}`, ...(host !== undefined && { host }) })
    return status === 200 ? text : status
  }
  const expected: [string, string, string | number][] = [
    ['GET', '', 'index'],
    ['GET', '/create', 'create'],
    ['POST', '', 'store'],
    ['GET', '/7', 'show 7'],
    ['GET', '/7/edit', 'edit 7'],
    ['PUT', '/7', 'PUT 7'],
    ['PATCH', '/7', 'PATCH 7'],
    ['DELETE', '/7', 'destroy 7'],
    ['DELETE', '', 404],
    ['POST', '/7', 404],
    ['GET', '/7/other', 404],
    ['GET', '/other', 'show other'],
  ]
  for (const [method, path, answer] of expected) expect(await ask(method, path), `${method} ${path}`).to.equal(answer)
}

describe('bindResource', () => {
  bothWays(
    'binds the methods of a class, with an instance for each request',
    (server) => {
      server.bindResource('/books', Books)
      server.group('/api').bindResource('/v1/books', Books)
      server.domain('books.example').bindResource('/', new Books())
      server.bindResource('/named/{.struct}@named.example', Books)
    },
    async (send) => {
      await expectBooks(send, '/books')
      await expectBooks(send, '/api/v1/books')
      await expectBooks(send, '/named/books', 'named.example')
      const before = made
      await send({ url: '/books' })
      await send({ url: '/books' })
      expect(made).to.equal(before + 2)
    },
  )

  bothWays(
    'binds the methods of an object that are there, and no others',
    (server) => void server.bindResource('/:site/pages', new Pages()),
    async (send) => {
      expect((await send({ url: '/a/pages/1' })).text).to.equal('page a 1 1')
      expect((await send({ url: '/b/pages/2' })).text).to.equal('page b 2 2')
      expect((await send({ url: '/a/pages' })).status).to.equal(404)
      expect((await send({ url: '/a/pages/1', method: 'DELETE' })).status).to.equal(404)
    },
  )

  it('is listed with its methods', () => {
    const server = new Server()
    server.bindResource('/books', Books)
    const routes = server.routes().map(({ method, route, type, name }) => `${method} ${route} ${type} ${name}`)
    expect(routes).to.have.members([
      'GET /books controller Books.index',
      'GET /books/create controller Books.create',
      'POST /books controller Books.store',
      'GET /books/:id controller Books.show',
      'GET /books/:id/edit controller Books.edit',
      'PUT /books/:id controller Books.update',
      'PATCH /books/:id controller Books.update',
      'DELETE /books/:id controller Books.destroy',
    ])
  })

  it('binds all or nothing, and names what it does not take', () => {
    const server = new Server()
    const untyped = server as unknown as { bindResource(pattern: string, resource: unknown): void }
    const refused = (pattern: string, resource: unknown) => {
      const error = thrownBy(() => untyped.bindResource(pattern, resource))
      expect(error).to.be.instanceOf(RouteError)
      return error.message
    }
    expect(refused('/x', { other() {} })).to.match(/"\/x".*index, create, store, show, edit, update, destroy, has none/)
    expect(refused('GET:/x', new Pages())).to.match(/"GET:\/x".*must not name a method/)
    expect(refused('/x', 'text')).to.match(/"\/x".*an object with methods/)
    expect(refused('/x', () => 'function')).to.match(/"\/x".*an object with methods/)
    expect(refused('/:id/x', new Pages())).to.match(/"\/:id\/x"/)
    server.delete('/books/:id', () => 'mine')
    const routes = server.routes()
    expect(thrownBy(() => server.bindResource('/books', Books))).to.be.instanceOf(DuplicateRouteError)
    expect(server.routes()).to.deep.equal(routes)
  })
})
