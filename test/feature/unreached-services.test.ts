import { Readable } from 'node:stream'
import { expect } from 'chai'
import { Controller, type Server } from 'tribind'
import { bothWays, type Entry, overHttp1, rawExchange } from './both-ways.ts'
import { createSite } from './static-site.ts'
import { connect, upgradeHead } from './websocket-client.ts'

/** The warnings, each as one text. */
function warnings(log: readonly Entry[]): string[] {
  return log
    .filter(({ level }) => level === 'warn')
    .map(({ message, fields }) => `${message} ${JSON.stringify(fields ?? {})}`)
}

/** The line of this file that it is called in. */
function currentLine(): number {
  const [, line] = /unreached-services\.test\.ts:(\d+)/.exec(new Error('here').stack?.split('\n')[2] ?? '') ?? []
  return Number(line)
}

/** Binds middleware that forgets to go on, and returns where it was bound. */
function bindForgetful(server: Server, pattern = '/*'): number {
  const line = currentLine() + 1
  server.bindMiddleware(pattern, function forgetful() {})
  return line
}

function expectWarning(log: Entry[], line: number): void {
  const [warning, ...others] = warnings(log.splice(0))
  expect(others).to.deep.equal([])
  expect(warning).to.include('forgetful')
  expect(warning).to.match(new RegExp(`unreached-services\\.test\\.ts:${line}(?!\\d)`))
}

describe('a service that middleware never went on to', () => {
  let folder = ''

  before(() => {
    folder = createSite()
  })

  bothWays(
    'is 404, and the log warns of the middleware and where it was bound',
    (server) => {
      const line = bindForgetful(server)
      const ran: string[] = []
      server.get('/handler', () => void ran.push('handler'))
      server.bindObject('/object', { index: () => void ran.push('object'), init: () => void ran.push('init') })
      server.bindController(
        '/controller',
        class Pages extends Controller {
          override init() {
            ran.push('controller')
          }
          index() {}
        },
      )
      server.serveStatic('/site', `${folder}/site`)
      return { line, ran }
    },
    async (send, { line, ran }, { log }) => {
      for (const url of ['/handler', '/object', '/controller', '/site/app.js']) {
        const { status, text } = await send(url)
        expect([status, text], url).to.deep.equal([404, 'Not Found'])
        expectWarning(log, line)
      }
      expect(ran).to.deep.equal([])
    },
  )

  bothWays(
    'is 404 for HEAD too, without a body',
    (server) => {
      const line = bindForgetful(server)
      server.get('/', () => 'served')
      server.serveStatic('/site', `${folder}/site`)
      return line
    },
    async (send, line, { log }) => {
      for (const url of ['HEAD /', 'HEAD /site/app.js']) {
        const { status, text } = await send(url)
        expect([status, text], url).to.deep.equal([404, ''])
        expectWarning(log, line)
      }
    },
  )

  bothWays(
    'is told of by the middleware that ended, not by those around it or beside it',
    (server) => {
      server.use(async function around(_request, next) {
        await next()
      })
      const line = currentLine() + 1
      server.bindMiddleware(
        '/x',
        (_request, next) => next(),
        async function forgetful() {
          await Promise.resolve()
        },
      )
      server.use(function inside(_request, next) {
        return next()
      })
      server.get('/x', () => 'x')
      const group = server.group('/group')
      group.get('/y', () => 'y')
      const lineOfGroup = currentLine() + 1
      group.use(function forgetful() {})
      return { line, lineOfGroup }
    },
    async (send, { line, lineOfGroup }, { log }) => {
      expect((await send('/x')).status).to.equal(404)
      expectWarning(log, line)
      expect((await send('/group/y')).status).to.equal(404)
      expectWarning(log, lineOfGroup)
    },
  )

  bothWays(
    'is what status handlers and later hooks see as 404',
    (server) => {
      bindForgetful(server)
      server.get('/', () => 'served')
      const seen: number[] = []
      server.bindHookHandler('/*', 'AfterServe', ({ response }) => void seen.push(response.status))
      server.bindStatusHandler(404, ({ response }) => response.writeOver('own page'))
      return seen
    },
    async (send, seen) => {
      const { status, text } = await send('/')
      expect([status, text, seen]).to.deep.equal([404, 'own page', [404]])
    },
  )

  overHttp1(
    'is 404 for the handshake of a WebSocket',
    (server) => {
      const line = bindForgetful(server, '/socket')
      const opened: string[] = []
      server.bindWebSocket('/socket', () => void opened.push('/socket'))
      server.bindWebSocket('/open', () => void opened.push('/open'))
      return { line, opened }
    },
    async (_send, { line, opened }, { port, log }) => {
      const fields = { Connection: 'Upgrade, close' }
      expect(await rawExchange(port, upgradeHead('/socket', fields))).to.match(/^HTTP\/1\.1 404 Not Found\r\n/)
      expectWarning(log, line)
      const { socket, closed } = await connect(port, '/open')
      socket.close()
      await closed
      expect([opened, warnings(log)]).to.deep.equal([['/open'], []])
    },
  )
})

describe('middleware that ends without next() is not warned of', () => {
  let file = ''

  before(() => {
    file = `${createSite()}/plain.txt`
  })

  bothWays(
    'where it answered, set a status, left by an exit, or went on unawaited',
    (server) => {
      server.bindMiddleware('/returns', () => 'answered')
      server.bindMiddleware('/writes', ({ response }) => response.write('answered'))
      server.bindMiddleware('/streams', ({ response }) => response.stream(Readable.from(['answered'])))
      server.bindMiddleware('/serves', ({ response }) => void response.serveFile(file))
      server.bindMiddleware('/web', () => new Response('answered'))
      server.bindMiddleware('/status', ({ response }) => void (response.status = 403))
      server.bindMiddleware('/ok', ({ response }) => void (response.status = 200))
      server.bindMiddleware('/redirects', ({ response }) => response.redirectTo('/'))
      server.bindMiddleware('/exit', (request) => request.exit())
      server.bindMiddleware('/hook', (request) => request.exitHook())
      server.bindMiddleware('/all', (request) => request.exitAll())
      server.bindMiddleware('/late', async (request) => {
        await Promise.resolve()
        request.exit()
      })
      server.bindMiddleware('/unawaited', (_request, next) => void next())
      server.bindMiddleware('/fails', () => {
        throw new Error('failed')
      })
      server.all('/*', () => 'service')
    },
    async (send, _world, { log }) => {
      for (const [path, status, text] of [
        ['/returns', 200, 'answered'],
        ['/writes', 200, 'answered'],
        ['/streams', 200, 'answered'],
        ['/serves', 200, 'no folder'],
        ['/web', 200, 'answered'],
        ['/status', 403, ''],
        ['/ok', 200, ''],
        ['/redirects', 302, ''],
        ['/exit', 200, ''],
        ['/hook', 200, ''],
        ['/all', 200, ''],
        ['/late', 200, ''],
        ['/unawaited', 200, 'service'],
        ['/fails', 500, 'Internal Server Error'],
      ] as const) {
        const answer = await send(path)
        expect([path, answer.status, answer.text]).to.deep.equal([path, status, text])
        expect(warnings(log), path).to.deep.equal([])
      }
    },
  )

  bothWays(
    'where there is no service, or a hook left before any middleware ran',
    (server) => {
      bindForgetful(server)
      server.get('/gone', () => 'served')
      server.bindHookHandler('/gone', 'BeforeServe', (request) => {
        request.response.status = 410
        request.exitAll()
      })
    },
    async (send, _world, { log }) => {
      expect((await send('/nothing')).status).to.equal(404)
      expect((await send('/gone')).status).to.equal(410)
      expect(warnings(log)).to.deep.equal([])
    },
  )
})
