import { expect } from 'chai'
import { Controller } from 'tribind'
import type { Request } from 'tribind'
import { bothWays } from './both-ways.ts'

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Keeps what it learns in fields, across many pauses. */
class Account extends Controller {
  #id = ''
  steps: string[] = []

  override async init(): Promise<void> {
    if (this.steps.length > 0) throw new Error('not a new instance')
    this.#id = String(this.request.get('id'))
    this.steps.push(`init ${this.#id}`)
    await pause(Number(this.#id) % 5)
  }
  async show(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await pause((Number(this.#id) + i) % 4)
      this.steps.push(`${this.#id} ${this.request.path} ${String(this.request.query.q)} ${this.cookie.get('c') ?? ''}`)
    }
    this.response.setHeader('x-id', this.#id)
  }
  override async shut(): Promise<void> {
    await pause(1)
    this.steps.push(`shut ${String(this.request.get('id'))}`)
    this.response.write(this.steps.join('\n'))
  }
}

class Plain {
  seen: string[] = []
  init(request: Request): void {
    this.seen.push(String(request.get('id')))
  }
  async show(request: Request): Promise<string> {
    await pause(Number(request.get('id')) % 3)
    this.seen.push(request.path)
    return this.seen.join(' ')
  }
}

const numbers = Array.from({ length: 300 }, (_, i) => String(i))

describe('controllers: the state of one request is not seen by another', () => {
  bothWays(
    '300 interleaved requests on one controller',
    (server) => {
      server.bindController('/account/:id', Account, 'show')
    },
    async (send) => {
      await Promise.all(
        numbers.map(async (id) => {
          const answer = await send({ url: `/account/${id}/show?q=q${id}`, headers: { cookie: `c=c${id}` } })
          const step = `${id} /account/${id}/show q${id} c${id}`
          expect(answer.text.split('\n')).to.deep.equal([`init ${id}`, step, step, step, `shut ${id}`])
          expect(answer.header('x-id')).to.equal(id)
        }),
      )
    },
  )

  bothWays(
    'nor on a class that is no Controller, by rest and by method',
    (server) => {
      server.bindControllerMethod('/plain/:id', Plain, 'show')
      server.bindControllerRest(
        '/rest/:id',
        class extends Plain {
          get(request: Request) {
            return this.show(request)
          }
        },
      )
    },
    async (send) => {
      await Promise.all(
        numbers.map(async (id) => {
          const path = Number(id) % 2 === 0 ? `/plain/${id}/show` : `/rest/${id}`
          expect((await send(path)).text).to.equal(`${id} ${path}`)
        }),
      )
    },
  )

  bothWays(
    'a request that fails leaves nothing for the next',
    (server) => {
      class Failing extends Controller {
        left: string[] = []
        async show() {
          this.left.push(this.request.path)
          this.response.write(this.left.length)
          await pause(1)
          if (this.request.get('fail') === '1') throw new Error('secret')
        }
      }
      server.bindController('/x', Failing)
    },
    async (send) => {
      const answers = await Promise.all(numbers.slice(0, 100).map((n) => send(`/x/show?fail=${Number(n) % 2}`)))
      answers.forEach((answer, n) => expect(answer.text).to.equal(n % 2 === 1 ? 'Internal Server Error' : '1'))
    },
  )

  bothWays(
    'but an object is one for all',
    (server) => {
      const object = {
        count: 0,
        async add() {
          const now = ++this.count
          await pause(now % 3)
          return String(now)
        },
        total() {
          return String(this.count)
        },
      }
      server.bindObject('/object', object, 'add, total')
    },
    async (send) => {
      const texts = await Promise.all(numbers.map(async () => Number((await send('/object/add')).text)))
      expect(texts.sort((a, b) => a - b)).to.deep.equal(numbers.map((n) => Number(n) + 1))
      expect((await send('/object/total')).text).to.equal('300')
    },
  )

  bothWays(
    'params, context and buffer of handlers are apart, too',
    (server) => {
      server.use(async (request, next) => {
        request.context.set('id', request.get('id'))
        await pause(Number(request.get('id')) % 4)
        await next()
      })
      server.bindHandler('/x/:id', async (request) => {
        request.response.write(`${request.params.id} `)
        await pause(Number(request.params.id) % 3)
        request.setParam('late', request.params.id)
        await pause(1)
        return `${String(request.context.get('id'))} ${String(request.get('late'))} ${request.params.id}`
      })
    },
    async (send) => {
      await Promise.all(
        numbers.map(async (id) => expect((await send(`/x/${id}`)).text).to.equal(`${id} ${id} ${id} ${id}`)),
      )
    },
  )
})
