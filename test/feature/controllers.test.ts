import { expect } from 'chai'
import { Controller, Server } from 'tribind'
import type { Request } from 'tribind'
import { bothWays, collectingLogger } from './both-ways.ts'
import type { Send } from './both-ways.ts'

class User extends Controller {
  override init(): void {
    this.response.write('1')
  }
  override shut(): void {
    this.response.write('2')
  }
  index(): void {
    this.response.write('index')
  }
  name(): void {
    this.response.write('john')
  }
  async myAge(): Promise<void> {
    await Promise.resolve()
    this.response.write('18')
  }
}

async function expectTexts(send: Send, texts: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) expect((await send(path)).text, path).to.equal(text)
}

describe('controllers: bindController', () => {
  bothWays(
    'binds every method, index also at the pattern itself, and nothing of Controller',
    (server) => {
      server.bindController('/user', User)
    },
    async (send) => {
      await expectTexts(send, {
        '/user': '1index2',
        '/user/index': '1index2',
        '/user/name': '1john2',
        '/user/my-age': '1182',
      })
      for (const name of [
        'init',
        'shut',
        'exit',
        'request',
        'response',
        'server',
        'cookie',
        'session',
        'view',
        'constructor',
      ]) {
        expect((await send(`/user/${name}`)).status, name).to.equal(404)
      }
    },
  )

  bothWays(
    '{.struct} and {.method}',
    (server) => {
      server.bindController('/', User)
      server.bindController('/{.struct}/{.method}', User)
    },
    async (send) => {
      await expectTexts(send, {
        '/': '1index2',
        '/name': '1john2',
        '/user': 'Not Found',
        '/user/index': '1index2',
        '/user/my-age': '1182',
        '/user/init': 'Not Found',
      })
    },
  )

  bothWays(
    'chosen methods alone',
    (server) => {
      server.bindController('/chosen', User, 'name, myAge')
      server.bindControllerMethod('/method', User, 'name')
      server.bindControllerMethod('GET:/as/{.method}', User, 'myAge')
    },
    async (send) => {
      await expectTexts(send, {
        '/chosen/name': '1john2',
        '/chosen/my-age': '1182',
        '/chosen': 'Not Found',
        '/chosen/index': 'Not Found',
        '/method/name': '1john2',
        '/method/my-age': 'Not Found',
        '/method/info': 'Not Found',
        '/method': 'Not Found',
        '/as/my-age': '1182',
      })
      expect((await send('POST /as/my-age')).status).to.equal(404)
    },
  )

  bothWays(
    'methods of base classes count, up to Controller, and the nearest one runs',
    (server) => {
      abstract class Base extends Controller {
        who() {
          return 'base'
        }
        both() {
          return 'base'
        }
      }
      class Concrete extends Base {
        static helper() {
          return 'static'
        }
        override both() {
          return `concrete over ${super.both()}`
        }
        field = () => 'field'
      }
      server.bindController('/x', Concrete)
    },
    async (send) => {
      await expectTexts(send, {
        '/x/who': 'base',
        '/x/both': 'concrete over base',
        '/x/helper': 'Not Found',
        '/x/field': 'Not Found',
      })
    },
  )

  bothWays(
    'any class whose methods take the request will do',
    (server) => {
      class Plain {
        #count = 0
        init(request: Request) {
          this.#count++
          request.response.write('init ')
        }
        async show(request: Request) {
          await Promise.resolve()
          this.#count++
          return `show ${String(request.get('id'))} ${this.#count}`
        }
        shut(request: Request) {
          request.response.write(' shut')
        }
      }
      server.bindController('/plain/:id', Plain, 'show')
    },
    async (send) => {
      for (const id of ['7', '8']) await expectTexts(send, { [`/plain/${id}/show`]: `init show ${id} 2 shut` })
    },
  )

  bothWays(
    'the methods of a Controller take the request too',
    (server) => {
      class Taking extends Controller {
        override init(request: Request) {
          request.setParam('same', request === this.request && request.response === this.response)
        }
        show(request: Request) {
          return { same: request.get('same'), path: request.path, server: this.server === server }
        }
        cookieOf() {
          return this.cookie.get('a')
        }
      }
      server.bindController('/x', Taking)
    },
    async (send) => {
      expect((await send('/x/show')).json()).to.deep.equal({ same: true, path: '/x/show', server: true })
      expect((await send({ url: '/x/cookie-of', headers: { cookie: 'a=b' } })).text).to.equal('b')
    },
  )

  bothWays(
    'exit() of the controller ends the method',
    (server) => {
      class Leaving extends Controller {
        show() {
          this.response.write('before')
          this.exit()
          this.response.write('after')
        }
        override shut() {
          this.response.write(' shut')
        }
      }
      server.bindController('/x', Leaving)
    },
    async (send) => {
      await expectTexts(send, { '/x/show': 'before shut' })
    },
  )

  bothWays(
    'what a method returns is written',
    (server) => {
      class Returning extends Controller {
        text() {
          return 'text'
        }
        async value() {
          await Promise.resolve()
          return { a: 1 }
        }
        async *parts() {
          yield 'a'
          await Promise.resolve()
          yield 'b'
        }
      }
      server.bindController('/x', Returning)
    },
    async (send) => {
      await expectTexts(send, { '/x/text': 'text', '/x/value': '{"a":1}', '/x/parts': 'ab' })
    },
  )

  bothWays(
    'a constructor that throws is a 500, and neither init nor shut runs',
    (server) => {
      const seen: string[] = []
      class Broken {
        constructor() {
          throw new Error('secret reason')
        }
        init() {
          seen.push('init')
        }
        show() {
          seen.push('show')
        }
        shut() {
          seen.push('shut')
        }
      }
      server.bindController('/x', Broken)
      return seen
    },
    async (send, seen) => {
      const answer = await send('/x/show')
      expect(answer.status).to.equal(500)
      expect(answer.text).to.equal('Internal Server Error')
      expect(seen).to.deep.equal([])
    },
  )

  it('a class is not made before a request comes', () => {
    let made = 0
    class Counted {
      constructor() {
        made++
      }
      show() {}
    }
    const server = new Server({ logger: collectingLogger() })
    server.bindController('/x', Counted)
    server.bindControllerRest(
      '/y',
      class extends Counted {
        get() {}
      },
    )
    server.routes()
    expect(made).to.equal(0)
  })
})
