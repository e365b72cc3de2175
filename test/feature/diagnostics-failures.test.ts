import { expect } from 'chai'
import { HttpError, type Server } from 'tribind'
import { bothWays, overHttp1, rawExchange, turns } from './both-ways.ts'
import { listenToRequests, type Told } from './listen-to-requests.ts'

const fail = (text: string) => () => {
  throw new Error(text)
}

describe('diagnostics of what fails', () => {
  let told: Told

  beforeEach(() => (told = listenToRequests()))
  afterEach(() => told.deafen())

  const failures: Record<string, [(server: Server) => unknown, ...expected: string[]]> = {
    'in a handler': [
      (server) => server.get('/', fail('broken')),
      'error broken is the answer',
      'served',
      'close 500 finished',
    ],
    'in an async handler, as an HttpError': [
      (server) =>
        server.get('/', async () => {
          await turns(1)
          throw new HttpError(409, 'taken')
        }),
      'error taken is the answer',
      'served',
      'close 409 finished',
    ],
    'in BeforeServe, where the service is left out': [
      (server) => server.get('/', () => 'x').bindHookHandler('/', 'BeforeServe', fail('early')),
      'error early is the answer',
      'served',
      'close 500 finished',
    ],
    twice: [
      (server) => server.get('/', fail('first')).bindHookHandler('/', 'BeforeOutput', fail('second')),
      'error first is the answer',
      'served',
      'error second is the answer',
      'close 500 finished',
    ],
    'once the answer is out': [
      (server) => server.get('/', () => 'x').bindHookHandler('/', 'AfterOutput', fail('late')),
      'served',
      'error late is not the answer',
      'close 200 finished',
    ],
    'in a close hook': [
      (server) => server.get('/', () => 'x').bindHookHandler('/', 'AfterClose', fail('at the end')),
      'served',
      'error at the end is not the answer',
      'close 200 finished',
    ],
    'of what gives back what the request held': [
      (server) =>
        server.get('/', (request) => {
          request.body.destroy = fail('can not let go')
        }),
      'served',
      'error can not let go is not the answer',
      'close 200 finished',
    ],
    'in shut, beside another failure': [
      (server) => server.bindObject('/', { index: fail('index'), shut: fail('shut') }, 'index'),
      'error shut is not the answer',
      'error index is the answer',
      'served',
      'close 500 finished',
    ],
    'after exitAll': [
      (server) =>
        server
          .get('/', (request) => request.exitAll())
          .use(async (_request, next) => {
            try {
              await next()
            } finally {
              fail('cleaning up')()
            }
          }),
      'error cleaning up is not the answer',
      'served',
      'close 200 finished',
    ],
    'nowhere: exits and what middleware catches are no errors': [
      (server) => {
        server.use((_request, next) => next().catch(() => {}))
        server.bindHookHandler('/', 'BeforeServe', (request) => request.exitHook())
        server.get('/', fail('caught'))
      },
      'served',
      'close 200 finished',
    ],
  }
  for (const [where, [register, ...expected]] of Object.entries(failures)) {
    bothWays(`tell of a failure ${where}`, register, async (send) => {
      await send('/')
      const lines = (await told.over()).map((line) => line.replace(' /', ''))
      expect(lines).to.deep.equal(['start', 'route /', ...expected])
    })
  }

  overHttp1(
    'tell of an event stream that fails, and of its end',
    (server) => {
      server.get('/', async ({ response }) => {
        await response.sse().send('x')
        await turns()
        throw new Error('broken')
      })
    },
    async (_send, _world, { port }) => {
      await rawExchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      expect(await told.over()).to.deep.equal([
        'start /',
        'route / /',
        'served /',
        'error / broken is not the answer',
        'close / 200 left',
      ])
    },
  )

  overHttp1(
    'give the thrown value itself',
    (server) => server.get('/', () => Promise.reject('no error at all' as unknown as Error)),
    async (send) => {
      await send('/')
      await told.over()
      expect(told.messages.at(-1)?.error).to.equal('no error at all')
    },
  )
})
