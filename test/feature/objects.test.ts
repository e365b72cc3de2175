import { expect } from 'chai'
import type { Request } from 'tribind'
import { bothWays, callUntyped } from './both-ways.ts'
import type { Send } from './both-ways.ts'

class Thing {
  init(request: Request): void {
    request.response.write('1')
  }
  shut(request: Request): void {
    request.response.write('2')
  }
  index(request: Request): void {
    request.response.write('index')
  }
  show(request: Request): void {
    request.response.write('show')
  }
  async showAll(request: Request): Promise<void> {
    await Promise.resolve()
    request.response.write('show all')
  }
}

async function expectTexts(send: Send, texts: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) expect((await send(path)).text, path).to.equal(text)
}

describe('objects: bindObject', () => {
  bothWays(
    'binds every method, index also at the pattern itself',
    (server) => {
      server.bindObject('/thing', new Thing())
    },
    async (send) => {
      await expectTexts(send, {
        '/thing': '1index2',
        '/thing/': '1index2',
        '/thing/index': '1index2',
        '/thing/show': '1show2',
        '/thing/show-all': '1show all2',
        '/thing/showAll': 'Not Found',
        '/thing/init': 'Not Found',
        '/thing/shut': 'Not Found',
        '/thing/constructor': 'Not Found',
        '/thing/to-string': 'Not Found',
        '/thing/has-own-property': 'Not Found',
        '/': 'Not Found',
        '/index': 'Not Found',
      })
      expect((await send('POST /thing/show')).text).to.equal('1show2')
    },
  )

  bothWays(
    'at the root',
    (server) => {
      server.bindObject('/', new Thing())
    },
    async (send) => {
      await expectTexts(send, { '/': '1index2', '/index': '1index2', '/show': '1show2', '/init': 'Not Found' })
    },
  )

  bothWays(
    '{.struct} and {.method} stand for the names, and nothing is appended',
    (server) => {
      server.bindObject('/{.struct}/{.method}', new Thing())
      server.bindObject('/x/{.struct}', new Thing())
      server.bindObject('/{.method}/of/thing', new Thing())
    },
    async (send) => {
      await expectTexts(send, {
        '/thing/index': '1index2',
        '/thing/show': '1show2',
        '/thing/show-all': '1show all2',
        '/thing/show/show': 'Not Found',
        '/thing/init': 'Not Found',
        '/thing': 'Not Found',
        '/x/thing': '1index2',
        '/x/thing/show': '1show2',
        '/show-all/of/thing': '1show all2',
        '/index/of/thing': '1index2',
      })
    },
  )

  bothWays(
    'with a list binds only those',
    (server) => {
      server.bindObject('/object', new Thing(), 'show, showAll')
      server.bindObject('/other', new Thing(), 'index')
    },
    async (send) => {
      await expectTexts(send, {
        '/object/show': '1show2',
        '/object/show-all': '1show all2',
        '/object': 'Not Found',
        '/object/index': 'Not Found',
        '/other': '1index2',
        '/other/index': '1index2',
        '/other/show': 'Not Found',
      })
    },
  )

  bothWays(
    'with a method in the pattern binds under it alone, with parameters gives them',
    (server) => {
      server.bindObject('POST:/user/:id', { save: (request: Request) => `save ${String(request.get('id'))}` })
    },
    async (send) => {
      expect((await send('POST /user/7/save')).text).to.equal('save 7')
      expect((await send('GET /user/7/save')).status).to.equal(404)
    },
  )
})

describe('objects: bindObjectMethod', () => {
  bothWays(
    'binds the methods named',
    (server) => {
      server.bindObjectMethod('/thing', new Thing(), 'show, showAll')
      server.bindObjectMethod('/one', new Thing(), 'show')
      server.bindObjectMethod('/in/{.struct}/{.method}.html', new Thing(), 'showAll')
    },
    async (send) => {
      await expectTexts(send, {
        '/thing/show': '1show2',
        '/thing/show-all': '1show all2',
        '/thing/index': 'Not Found',
        '/thing': 'Not Found',
        '/one/show': '1show2',
        '/in/thing/show-all.html': '1show all2',
      })
    },
  )

  bothWays(
    'counts case',
    (server) => {
      server.bindObjectMethod('/x', { show: () => 'small', Show: () => 'large' }, 'Show')
    },
    async (send) => {
      await expectTexts(send, { '/x/show': 'large' })
    },
  )
})

describe('objects: what counts as a method', () => {
  class Base {
    inherited() {
      return 'inherited'
    }
    overridden() {
      return 'base'
    }
  }
  class Derived extends Base {
    static factory() {
      return 'static'
    }
    field = () => 'field'
    plain = 'plain'
    nested = { deep: () => 'deep' }
    reads = 0
    override overridden() {
      return 'derived'
    }
    get accessor(): () => string {
      this.reads++
      return () => 'accessor'
    }
    #hidden() {
      return 'hidden'
    }
    _internal() {
      return 'internal'
    }
    [Symbol('symbol')]() {
      return 'symbol'
    }
    usesHidden() {
      return this.#hidden()
    }
  }

  bothWays(
    'functions of the class, of its base classes and of its own properties, and nothing else',
    (server) => {
      const object = new Derived()
      callUntyped(server, 'bindObject', '/x', object)
      return object
    },
    async (send, object) => {
      await expectTexts(send, {
        '/x/inherited': 'inherited',
        '/x/overridden': 'derived',
        '/x/field': 'field',
        '/x/uses-hidden': 'hidden',
      })
      const others = [
        'factory',
        'plain',
        'nested',
        'nested/deep',
        'accessor',
        'hidden',
        '%23hidden',
        '_internal',
        'internal',
      ]
      for (const name of [...others, '-internal', 'symbol', 'constructor', 'value-of', '__proto__', 'reads']) {
        expect((await send(`/x/${name}`)).status, name).to.equal(404)
      }
      expect(object.reads, 'the accessor was read').to.equal(0)
    },
  )

  bothWays(
    'of a literal, also with accessors that throw',
    (server) => {
      server.bindObject('/x', {
        show: () => 'show',
        method() {
          return 'method'
        },
        _no: () => 'no',
        get trap(): () => string {
          throw new Error('read')
        },
      })
    },
    async (send) => {
      await expectTexts(send, {
        '/x/show': 'show',
        '/x/method': 'method',
        '/x/trap': 'Not Found',
        '/x/_no': 'Not Found',
      })
    },
  )

  bothWays(
    'of an object without a prototype',
    (server) => {
      const bare = Object.assign(Object.create(null) as object, { show: () => 'bare' })
      server.bindObject('/x', bare)
    },
    async (send) => {
      await expectTexts(send, { '/x/show': 'bare' })
    },
  )
})

describe('objects: one for all requests', () => {
  bothWays(
    'state is shared, `this` is the object',
    (server) => {
      class Counter {
        #count = 0
        next() {
          return String(++this.#count)
        }
      }
      const counter = new Counter()
      server.bindObject('/a', counter, 'next')
      server.bindObjectMethod('/b', counter, 'next')
    },
    async (send) => {
      await expectTexts(send, { '/a/next': '1', '/b/next': '2' })
      await expectTexts(send, { '/a/next': '3' })
    },
  )
})
