import { expect } from 'chai'
import http from 'node:http'
import { Controller } from 'tribind'
import type { Request } from 'tribind'
import { bothWays } from './both-ways.ts'
import type { Send } from './both-ways.ts'

class ObjectRest {
  init(request: Request) {
    request.response.write('1')
  }
  shut(request: Request) {
    request.response.write('2')
  }
  get() {
    return 'Get'
  }
  put() {
    return 'Put'
  }
  post() {
    return 'Post'
  }
  delete() {
    return 'Delete'
  }
  patch() {
    return 'Patch'
  }
  options() {
    return 'Options'
  }
  head(request: Request) {
    request.response.setHeader('head-ok', '1')
  }
  hello() {
    return 'Hello'
  }
}

const verbs = { GET: 'Get', PUT: 'Put', POST: 'Post', DELETE: 'Delete', PATCH: 'Patch', OPTIONS: 'Options' }

async function expectVerbs(send: Send, url: string): Promise<void> {
  for (const [method, text] of Object.entries(verbs)) {
    expect((await send({ method, url })).text, `${method} ${url}`).to.equal(`1${text}2`)
  }
  const head = await send({ method: 'HEAD', url })
  expect(head.status).to.equal(200)
  expect(head.header('head-ok')).to.equal('1')
}

describe('rest: objects', () => {
  bothWays(
    'each HTTP method goes to the method of its name',
    (server) => {
      server.bindObjectRest('/', new ObjectRest())
      server.bindObjectRest('/deep/er', new ObjectRest())
      server.group('/api').bindObjectRest('/obj', new ObjectRest())
    },
    async (send) => {
      for (const url of ['/', '/deep/er', '/api/obj']) await expectVerbs(send, url)
      for (const url of ['/get', '/hello', '/init', '/none-exist', '/deep/er/hello', '/deep/er/get']) {
        expect((await send(url)).text, url).to.equal('Not Found')
      }
    },
  )

  bothWays(
    '{.struct} and {.method} stand for the names',
    (server) => {
      server.bindObjectRest('/{.struct}/{.method}', new ObjectRest())
    },
    async (send) => {
      for (const [method, text] of Object.entries(verbs)) {
        const url = `/object-rest/${method.toLowerCase()}`
        expect((await send({ method, url })).text, url).to.equal(`1${text}2`)
      }
      expect((await send('POST /object-rest/get')).status).to.equal(404)
      expect((await send('/object-rest')).status).to.equal(404)
      expect((await send('/object-rest/hello')).status).to.equal(404)
    },
  )

  bothWays(
    'with a parameter',
    (server) => {
      server.bindObjectRest('/object/:id', {
        get: (request: Request) => `get ${String(request.get('id'))}`,
        delete: (request: Request) => `delete ${String(request.get('id'))}`,
      })
    },
    async (send) => {
      expect((await send('/object/99')).text).to.equal('get 99')
      expect((await send('DELETE /object/99')).text).to.equal('delete 99')
      expect((await send('POST /object/99')).status).to.equal(404)
    },
  )

  bothWays(
    'on domains',
    (server) => {
      server.domain('localhost, local.test').bindObjectRest('/', new ObjectRest())
    },
    async (send) => {
      expect((await send({ url: '/', host: 'localhost' })).text).to.equal('1Get2')
      expect((await send({ method: 'POST', url: '/', host: 'local.test:80' })).text).to.equal('1Post2')
      for (const method of Object.keys(verbs)) expect((await send({ method, url: '/' })).text).to.equal('Not Found')
      expect((await send('HEAD /')).header('head-ok')).to.equal(undefined)
    },
  )
})

describe('rest: controllers', () => {
  bothWays(
    'GET, POST and DELETE are there, PUT is 404, hello is no route',
    (server) => {
      class User extends Controller {
        get() {
          return 'GET'
        }
        post() {
          return 'POST'
        }
        delete() {
          return 'DELETE'
        }
        hello() {
          return 'hello'
        }
      }
      server.bindControllerRest('/user', User)
    },
    async (send) => {
      for (const method of ['GET', 'POST', 'DELETE']) expect((await send(`${method} /user`)).text).to.equal(method)
      expect((await send('PUT /user')).status).to.equal(404)
      expect((await send('/user/hello')).status).to.equal(404)
      const head = await send('HEAD /user')
      expect(head.status).to.equal(200)
      expect(head.body).to.have.length(0)
    },
  )

  bothWays(
    'a new instance for every request, with init and shut',
    (server) => {
      class Counting extends Controller {
        #count = 0
        override init() {
          this.#count++
          this.response.write('(')
        }
        async get() {
          await Promise.resolve()
          return ++this.#count
        }
        override shut() {
          this.response.write(')')
        }
      }
      server.bindControllerRest('/x', Counting)
    },
    async (send) => {
      for (let i = 0; i < 3; i++) expect((await send('/x')).text).to.equal('(2)')
    },
  )

  bothWays(
    'inherited methods count',
    (server) => {
      class Readable {
        get() {
          return `get of ${this.constructor.name}`
        }
      }
      class Post extends Readable {
        post() {
          return 'post'
        }
      }
      server.bindControllerRest('/x', Post)
    },
    async (send) => {
      expect((await send('/x')).text).to.equal('get of Post')
      expect((await send('POST /x')).text).to.equal('post')
    },
  )

  if (http.METHODS.includes('QUERY')) {
    bothWays(
      'query is an HTTP method as well',
      (server) => {
        server.bindControllerRest(
          '/x',
          class {
            query() {
              return 'query'
            }
          },
        )
      },
      async (send) => {
        expect((await send('QUERY /x')).text).to.equal('query')
        expect((await send('/x')).status).to.equal(404)
      },
    )
  }
})
