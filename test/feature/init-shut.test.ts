import { expect } from 'chai'
import { HttpError } from 'tribind'
import type { Request } from 'tribind'
import { bothWays } from './both-ways.ts'

type Act = 'nothing' | 'throw' | 'HttpError' | 'exit' | 'exitHook' | 'exitAll'
type Step = 'init' | 'method' | 'shut'

interface Outcome {
  ran: Step[]
  status: number
  text: string
  /** Whether AfterServe follows. */
  afterServe: boolean
}

const failed = 'Internal Server Error'

/** What happens where one step acts so; every step writes its name before it acts. */
const outcomes: Record<string, [Partial<Record<Step, Act>>, Outcome]> = {
  'all is well': [{}, { ran: ['init', 'method', 'shut'], status: 200, text: 'init method shut ', afterServe: true }],
  'init throws': [{ init: 'throw' }, { ran: ['init', 'shut'], status: 500, text: failed, afterServe: false }],
  'init throws an HttpError': [
    { init: 'HttpError' },
    { ran: ['init', 'shut'], status: 409, text: 'conflict', afterServe: false },
  ],
  'init exits': [{ init: 'exit' }, { ran: ['init', 'shut'], status: 200, text: 'init shut ', afterServe: true }],
  'init exits all': [
    { init: 'exitAll' },
    { ran: ['init', 'shut'], status: 200, text: 'init shut ', afterServe: false },
  ],
  'method throws': [
    { method: 'throw' },
    { ran: ['init', 'method', 'shut'], status: 500, text: failed, afterServe: false },
  ],
  'method throws an HttpError': [
    { method: 'HttpError' },
    { ran: ['init', 'method', 'shut'], status: 409, text: 'conflict', afterServe: false },
  ],
  'method exits': [
    { method: 'exit' },
    { ran: ['init', 'method', 'shut'], status: 200, text: 'init method shut ', afterServe: true },
  ],
  'method exits all': [
    { method: 'exitAll' },
    { ran: ['init', 'method', 'shut'], status: 200, text: 'init method shut ', afterServe: false },
  ],
  'shut throws': [{ shut: 'throw' }, { ran: ['init', 'method', 'shut'], status: 500, text: failed, afterServe: false }],
  'shut exits': [
    { shut: 'exit' },
    { ran: ['init', 'method', 'shut'], status: 200, text: 'init method shut ', afterServe: true },
  ],
  'shut exits all': [
    { shut: 'exitAll' },
    { ran: ['init', 'method', 'shut'], status: 200, text: 'init method shut ', afterServe: false },
  ],
  'init and shut throw': [
    { init: 'throw', shut: 'throw' },
    { ran: ['init', 'shut'], status: 500, text: failed, afterServe: false },
  ],
  'method and shut throw': [
    { method: 'throw', shut: 'throw' },
    { ran: ['init', 'method', 'shut'], status: 500, text: failed, afterServe: false },
  ],
  'init exits, shut throws': [
    { init: 'exit', shut: 'throw' },
    { ran: ['init', 'shut'], status: 500, text: failed, afterServe: false },
  ],
  'init throws, shut exits': [
    { init: 'throw', shut: 'exit' },
    { ran: ['init', 'shut'], status: 500, text: failed, afterServe: false },
  ],
  'method throws, shut exits': [
    { method: 'throw', shut: 'exit' },
    { ran: ['init', 'method', 'shut'], status: 500, text: failed, afterServe: false },
  ],
}

function act(request: Request, how: Act): void {
  if (how === 'throw') throw new Error('secret')
  if (how === 'HttpError') throw new HttpError(409, 'conflict')
  if (how !== 'nothing') request[how]()
}

/** The three steps as a controller class, sync or async. */
function controllerOf(acts: Partial<Record<Step, Act>>, ran: string[], kind: string) {
  const step = (name: Step) => {
    const now = (request: Request): void => {
      ran.push(name)
      request.response.write(`${name} `)
      act(request, acts[name] ?? 'nothing')
    }
    if (kind === 'sync') return now
    return async (request: Request): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      now(request)
    }
  }
  const [init, method, shut] = [step('init'), step('method'), step('shut')]
  return class Steps {
    init(request: Request): void | Promise<void> {
      return init(request)
    }
    show(request: Request): void | Promise<void> {
      return method(request)
    }
    shut(request: Request): void | Promise<void> {
      return shut(request)
    }
  }
}

describe('init and shut: always a pair', () => {
  for (const [name, [acts, outcome]] of Object.entries(outcomes)) {
    for (const kind of ['sync', 'async']) {
      bothWays(
        `${name}, ${kind}`,
        (server) => {
          const ran: string[] = []
          const Steps = controllerOf(acts, ran, kind)
          server.bindController('/controller', Steps)
          server.bindObject('/object', new Steps())
          server.bindHookHandler('/*', 'AfterServe', () => {
            ran.push('AfterServe')
          })
          return ran
        },
        async (send, ran) => {
          for (const path of ['/controller/show', '/object/show']) {
            ran.length = 0
            const answer = await send(path)
            expect(ran.slice(0, outcome.ran.length), path).to.deep.equal(outcome.ran)
            expect(ran.filter((step) => step === 'shut')).to.have.length(1)
            expect(answer.status, path).to.equal(outcome.status)
            expect(answer.text, path).to.equal(outcome.text)
            if (outcome.status === 200) expect(ran.includes('AfterServe'), 'AfterServe').to.equal(outcome.afterServe)
          }
        },
      )
    }
  }

  bothWays(
    'neither runs where a middleware does not let the request through',
    (server) => {
      const ran: string[] = []
      server.use((request) => request.response.writeStatus(403))
      server.bindController('/x', controllerOf({}, ran, 'sync'))
      return ran
    },
    async (send, ran) => {
      expect((await send('/x/show')).status).to.equal(403)
      expect(ran).to.deep.equal([])
    },
  )

  bothWays(
    'each may be there without the other',
    (server) => {
      server.bindObject('/init', { init: (request: Request) => request.response.write('init '), show: () => 'show' })
      server.bindObject('/shut', { show: () => 'show', shut: (request: Request) => request.response.write(' shut') })
    },
    async (send) => {
      expect((await send('/init/show')).text).to.equal('init show')
      expect((await send('/shut/show')).text).to.equal('show shut')
    },
  )

  bothWays(
    'a base class may have them, and super reaches them',
    (server) => {
      class Base {
        init(request: Request) {
          request.response.write('base init ')
        }
        shut(request: Request) {
          request.response.write(' base shut')
        }
      }
      class Derived extends Base {
        override init(request: Request) {
          super.init(request)
          request.response.write('derived init ')
        }
        show() {
          return 'show'
        }
      }
      server.bindController('/x', Derived)
    },
    async (send) => {
      expect((await send('/x/show')).text).to.equal('base init derived init show base shut')
    },
  )
})
