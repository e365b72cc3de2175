import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { type Command, UsageError } from '../../lib/cli/command.ts'
import { explainAt } from '../../lib/cli/inspect/explain-at.ts'
import { match } from '../../lib/cli/inspect/match.ts'
import { readRequest } from '../../lib/cli/inspect/read-request.ts'
import { routes } from '../../lib/cli/inspect/routes.ts'
// The same application, in this process.
import { server as shop } from './apps/shop.mjs'
import { bin, type Ended, tribind } from './tribind.ts'

const apps = fileURLToPath(new URL('apps', import.meta.url))

describe('tribind routes', function () {
  this.timeout(60_000)

  it('writes the list alone to standard output, and neither listens nor goes on', async () => {
    // The application can't listen there.
    const busy = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => busy.once('listening', resolve))
    const { port } = busy.address() as { port: number }
    const { code, stdout, stderr } = await inApps(['routes', 'shop.mjs'], { SHOP_PORT: `${port}` })
    busy.close()
    expect([code, stderr]).to.deep.equal([0, 'written by console.log\nwritten to the descriptor\n'])
    expect(stdout).to.equal(`server "shop" at web 127.0.0.1:8080, ops 127.0.0.1:8081 (its own routes alone)

METHOD  ROUTE        DOMAIN        ENTRY  LAYER  KIND        HANDLER               BOUND AT     THROUGH
GET     /user/:id    shop.example                handler     showUser              shop.mjs:27  limit, BeforeServe:countReads, AfterOutput:logUser, 404:notFound
ALL     /order/show                              controller  OrderController.show  shop.mjs:29  limit, BeforeServe:countReads?, 404:notFound
ALL     /health                    ops           handler     health                shop.mjs:34
POST    /cart                                    handler     addToCart             shop.mjs:30  limit, 404:notFound
GET     /late                             later  handler     late                  shop.mjs:41  limit, BeforeServe:countReads, 404:notFound
ALL     /user/*rest                              handler     anyUser               shop.mjs:28  limit, BeforeServe:countReads?, AfterOutput:logUser, 404:notFound
ALL     /api/*                                   handler     server "api"          shop.mjs:45  limit, BeforeServe:countReads?, 404:notFound
GET     /chat                                    websocket   chat                  shop.mjs:31  limit, BeforeServe:countReads, 404:notFound
GET     /pages/*                                 static      pages                 shop.mjs:33  limit, BeforeServe:countReads, 404:notFound
GET     /apps/*                                  static      ..                    shop.mjs:32  limit, BeforeServe:countReads, 404:notFound

? acts on some of these requests: their method, host, path or entry point decides

server "api" mounted at /api/* of server "shop"

METHOD  ROUTE         KIND     HANDLER   BOUND AT
GET     /items/:item  handler  showItem  shop.mjs:44
`)
  })

  it('agrees with server.routes()', async () => {
    const { stdout } = await inApps(['routes', 'shop.mjs', '--hooks', '--json', '--server', 'shop'])
    const { servers } = JSON.parse(stdout) as { servers: { routes: Record<string, unknown>[] }[] }
    const added = new Set(['pattern', 'origin', 'mounted', 'hooks', 'middleware'])
    const rows = servers[0]?.routes.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !added.has(name))),
    )
    expect([servers.length, rows]).to.deep.equal([1, shop.routes().map((row) => ({ ...row }))])
  })

  it('lists what the filters leave', async () => {
    const names = async (...args: string[]) => {
      const { servers } = JSON.parse((await inApps(['routes', 'shop.mjs', '--json', ...args])).stdout) as {
        servers: { routes: { name: string }[] }[]
      }
      return servers.map(({ routes }) => routes.map(({ name }) => name))
    }
    expect(await names('--method', 'head', '--path', 'user')).to.deep.equal([['showUser', 'anyUser'], []])
    expect(await names('--entry-point', 'ops')).to.deep.equal([['health']])
  })

  it('loads what exports register, CommonJS, TypeScript, and scripts that start late or serve by node:http', async () => {
    const folder = `${apps}/.inspected`
    mkdirSync(folder, { recursive: true })
    const files: Record<string, string> = {
      'register.mjs': `export const register = async (server) => server.bindHandler('/a', function own() {})`,
      'common.cjs': `const { Server } = require('tribind'); const server = new Server(); server.bindHandler('/a', function own() {}); module.exports = server`,
      'late.mjs': `import { Server } from 'tribind'
        const wait = () => new Promise((resolve) => setTimeout(resolve, 50))
        const main = async () => { await wait(); const server = new Server(); await wait(); server.bindHandler('/a', function own() {}); await server.run(); process.exit(9) }
        main(); setInterval(() => {}, 1000)`,
      'mounted.mjs': `import { createServer } from 'node:http'; import { Server } from 'tribind'
        const server = new Server(); server.bindHandler('/a', function own() {}); createServer(server.handle).listen(0, () => process.exit(9))`,
      'typed.ts': `import type { Server } from 'tribind'; export default (server: Server) => void server.bindHandler('/a', function own() {})`,
    }
    try {
      for (const [name, code] of Object.entries(files)) writeFileSync(`${folder}/${name}`, code)
      const listed = async (name: string) => {
        const { stdout, stderr, code } = await inApps(['routes', `.inspected/${name}`, '--json'], {
          ...(name.endsWith('.ts') && { NODE_OPTIONS: '--import=tsx' }),
        })
        expect([code, stderr], name).to.deep.equal([0, ''])
        return (JSON.parse(stdout) as { servers: { routes: { name: string }[] }[] }).servers[0]?.routes[0]?.name
      }
      const all = await Promise.all(Object.keys(files).map(listed))
      expect(all).to.deep.equal(Object.keys(files).map(() => 'own'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('tells what is wrong with a module, and ends with 1', async () => {
    const folder = `${apps}/.broken`
    mkdirSync(folder, { recursive: true })
    const wrong = async (code: string) => {
      const file = `${folder}/${code.length}.mjs`
      writeFileSync(file, code)
      const { stderr, ...ended } = await inApps(['routes', file])
      expect(ended, stderr).to.deep.equal({ code: 1, stdout: '' })
      return stderr
    }
    try {
      const all = await Promise.all([
        wrong('process.exit(0)'),
        wrong(`throw new Error('no database')`),
        wrong('setInterval(() => {}, 1000)'),
        inApps(['routes', 'shap.mjs']).then(({ code, stderr }) => code + stderr),
      ])
      expect(all[0]).to.equal('tribind: the application ended this process with exit code 0 while it was loaded\n')
      expect(all[1]).to.match(/^tribind: module .+ fails while it is loaded: Error: no database/)
      expect(all[2]).to.match(/^tribind: module .+ exports nothing: it must export register\(server\)/)
      expect(all[3]).to.match(/^1tribind: module "shap.mjs" .+ does not exist, did you mean "shop.mjs"\?/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('fits the width of a terminal, and colours there unless told not to', async () => {
    const plain = await onTerminal('stty cols 70; NO_COLOR=1 node "$BIN" routes shop.mjs --server shop')
    const lines = plain.trimEnd().split('\r\n')
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(70)
    expect(lines).to.include('    limit, BeforeServe:countReads?, AfterOutput:logUser, 404:notFound')
    expect(plain).to.match(/^ALL +\/order\/… .*….mjs:29\r$/m)
    expect(plain).to.not.include('\u001B')
    expect(await onTerminal('stty cols 70; node "$BIN" routes shop.mjs --server api')).to.include('\u001B[1mMETHOD')
    const forced = await inApps(['routes', 'shop.mjs', '--server', 'api'], { FORCE_COLOR: '1' })
    expect(forced.stdout).to.include('\u001B[1mMETHOD')
  })
})

describe('tribind match', function () {
  this.timeout(60_000)

  it('says what serves, what acts on it, and why the others stand behind', async () => {
    const { code, stdout } = await inApps(['match', 'shop.mjs', 'GET https://shop.example/user/7?x=1'])
    expect([code, stdout]).to.deep.equal([
      0,
      `GET https://shop.example/user/7?x=1

server      "shop", entry point "web"
served by   GET:/user/:id@shop.example  handler showUser  shop.mjs:27
parameters  id = 7
middleware  /*  limit  shop.mjs:35
hooks       GET:/*  BeforeServe countReads  shop.mjs:39
            /user/*  AfterOutput logUser  shop.mjs:38
            /*  404 notFound  shop.mjs:40
behind      /user/*rest  handler anyUser  shop.mjs:28
              is bound to every host, and "shop.example" is closer to the host
`,
    ])
  })

  it('ends with 1 where nothing serves', async () => {
    const { code, stdout } = await inApps(['match', 'shop.mjs', '--json', 'GET', '/api/none'])
    const { servers, ...asked } = JSON.parse(stdout) as { servers: Record<string, object>[] }
    expect([code, asked]).to.deep.equal([1, { method: 'GET', host: '', path: '/api/none', asksForWebSocket: false }])
    expect(servers[0]).to.deep.include({ server: 'shop', entryPoint: 'web', isServed: false, others: [] })
    expect(servers[0]?.['mounted']).to.deep.include({ server: 'api', isServed: false, answer: { status: 404 } })
  })

  it('says what the answer is', async () => {
    const cases: Record<string, readonly unknown[]> = {
      'GET /cart': [false, undefined, { status: 405, allow: ['POST'] }],
      '/none': [false, undefined, { status: 404 }],
      '/%zz': [false, undefined, { status: 400 }],
      '/chat': [false, undefined, { status: 426 }, 'chat by type'],
      'ws://shop.example/chat': [true, 'chat', undefined],
      'ws://shop.example/late': [false, undefined, { status: 405, allow: ['GET', 'HEAD'] }, 'late by type'],
      '/apps/tribind.ts': [true, '/apps/*', { status: 200 }],
      '/apps/none': [false, '/apps/*', { status: 404 }],
      '/pages/docs?x=1': [true, '/pages/*', { status: 301, location: './docs/?x=1' }],
      '/pages/docs/': [true, '/pages/*', { status: 200 }],
      '/api/items/3': [true, 'mount', undefined, 'showItem'],
      'http://127.0.0.1:8081/health': [true, 'health', undefined],
      'http://127.0.0.1:8081/late': [false, undefined, { status: 404 }],
    }
    const found = await Promise.all(
      Object.keys(cases).map(async (request) => {
        const one = await explainAt(shop, readRequest([request]))
        const { served, isServed, answer, others = [], mounted } = one ?? {}
        const behind = others.map(({ name, by }) => `${name} by ${by}`)
        const inside = mounted?.served === undefined ? [] : [mounted.served.name]
        return [
          request,
          [isServed, served?.type === 'static' ? served.route : served?.name, answer, ...behind, ...inside],
        ]
      }),
    )
    expect(Object.fromEntries(found)).to.deep.equal(cases)
  })

  it('refuses what it cannot understand', () => {
    const told = (command: Command, ...args: string[]) => {
      try {
        void command.run(args)
      } catch (error) {
        expect(error).to.be.instanceOf(UsageError)
        return (error as Error).message
      }
      return ''
    }
    expect([
      told(match),
      told(match, 'shop.mjs', 'BREW /pot'),
      told(match, 'shop.mjs', 'shop.example'),
      told(match, 'shop.mjs', 'POST', 'ws://shop.example/chat'),
      told(match, 'shop.mjs', 'http:///a'),
      told(match, 'shop.mjs', '/a', '--sever', 'x'),
      told(routes, 'shop.mjs', '--method'),
      told(routes, 'shop.mjs', '--method', 'gte'),
      told(routes, 'shop.mjs', '--json=1'),
      told(routes, 'shop.mjs', '--server', 'a', '--server', 'b'),
      told(routes, 'a.js', 'b.js'),
    ]).to.deep.equal([
      'match: name the module of the application, as tribind match app.js /user/7',
      'match: there is no method "BREW"',
      `match: the request must be a path or a URL, with or without a method before it, such as 'GET https://shop.example/user/7'; got "shop.example"`,
      'match: a WebSocket is opened by GET, not by POST',
      'match: the URL must have a host name or an address, such as https://shop.example/user/7',
      'match: there is no flag "--sever", did you mean "--server"?',
      'routes: the flag "--method" needs a value: --method METHOD',
      'routes: there is no method "gte", did you mean "GET"?',
      'routes: the flag "--json" takes no value, got "1"',
      'routes: the flag "--server" stands there twice',
      'routes: takes one module, got "b.js" too',
    ])
  })

  it('ends with 2 for a name that stands for nothing', async () => {
    const { code, stdout, stderr } = await inApps(['match', 'shop.mjs', '/', '--entry-point', 'wep'])
    const last = stderr.split('\n').at(-2)
    expect([code, stdout, last]).to.deep.equal([
      2,
      '',
      'tribind: --entry-point: there is no entry point "wep"; there are: web, ops, did you mean "web"?',
    ])
  })
})

function inApps(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return tribind(args, apps, { SHOP_PORT: '0', ...env })
}

/** Returns what a shell shows on a terminal. */
async function onTerminal(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], {
    cwd: apps,
    env: { ...process.env, SHOP_PORT: '0', BIN: bin, TERM: 'xterm' },
    timeout: 20_000,
  })
  return stdout
}
