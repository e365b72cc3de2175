import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { bin, type Ended, tribind } from './tribind.ts'

const apps = fileURLToPath(new URL('apps', import.meta.url))

describe('tribind routes', function () {
  this.timeout(30_000)

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
GET     /user/:id    shop.example                handler     showUser              shop.mjs:23  requestId, BeforeServe:countReads, AfterOutput:logUser, 404:notFound
ALL     /order/show                              controller  OrderController.show  shop.mjs:25  requestId, BeforeServe:countReads?, 404:notFound
POST    /cart                                    handler     addToCart             shop.mjs:26  requestId, 404:notFound
ALL     /health                    ops           handler     health                shop.mjs:29
ALL     /late                             later  handler     late                  shop.mjs:34  requestId, BeforeServe:countReads?, 404:notFound
ALL     /user/*rest                              handler     anyUser               shop.mjs:24  requestId, BeforeServe:countReads?, AfterOutput:logUser, 404:notFound
ALL     /api/*                                   handler     server "api"          shop.mjs:38  requestId, BeforeServe:countReads?, 404:notFound
GET     /chat                                    websocket   chat                  shop.mjs:27  requestId, BeforeServe:countReads, 404:notFound
GET     /apps/*                                  static      ..                    shop.mjs:28  requestId, BeforeServe:countReads, 404:notFound

? acts on some of these requests: their method, host, path or entry point decides

server "api" mounted at /api/* of server "shop"

METHOD  ROUTE         KIND     HANDLER   BOUND AT
GET     /items/:item  handler  showItem  shop.mjs:37
`)
  })

  it('agrees with server.routes()', async () => {
    process.env['SHOP_PORT'] = 'none'
    const { server } = (await import(`${apps}/shop.mjs`)) as { server: Server }
    delete process.env['SHOP_PORT']
    const { stdout } = await inApps(['routes', 'shop.mjs', '--hooks', '--json', '--server', 'shop'])
    const { servers } = JSON.parse(stdout) as { servers: { routes: Record<string, unknown>[] }[] }
    const added = ['pattern', 'origin', 'mounted', 'hooks', 'middleware']
    const rows = servers[0]?.routes.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !added.includes(name))),
    )
    expect([servers.length, rows]).to.deep.equal([1, server.routes().map((row) => ({ ...row }))])
    await server.stop()
  })

  it('lists what the filters leave', async () => {
    const names = async (...args: string[]) => {
      const { servers } = JSON.parse((await inApps(['routes', 'shop.mjs', '--json', ...args])).stdout) as {
        servers: { routes: { name: string }[] }[]
      }
      return servers.map(({ routes }) => routes.map(({ name }) => name))
    }
    expect(
      await Promise.all([
        names('--method', 'post', '--path', 'ca'),
        names('--method', 'HEAD', '--server', 'shop', '--path', 'user'),
        names('--entry-point', 'ops'),
        names('--server', 'api'),
      ]),
    ).to.deep.equal([[['addToCart'], []], [['showUser', 'anyUser']], [['health']], [['showItem']]])
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
    const lines = plain.split('\r\n')
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(70)
    expect(lines).to.include('    requestId, BeforeServe:countReads?, AfterOutput:logUser,')
    expect(plain).to.match(/^ALL .*….*shop\.mjs:25/m)
    expect(plain).to.not.include('\u001B')
    expect(await onTerminal('stty cols 70; node "$BIN" routes shop.mjs --server api')).to.include('\u001B[1mMETHOD')
    const forced = await inApps(['routes', 'shop.mjs', '--server', 'api'], { FORCE_COLOR: '1' })
    expect(forced.stdout).to.include('\u001B[1mMETHOD')
  })
})

describe('tribind match', function () {
  this.timeout(30_000)

  it('says what serves, what acts on it, and why the others stand behind', async () => {
    const { code, stdout } = await inApps(['match', 'shop.mjs', 'GET https://shop.example/user/7?x=1'])
    expect([code, stdout]).to.deep.equal([
      0,
      `GET https://shop.example/user/7?x=1

server      "shop", entry point "web"
served by   GET:/user/:id@shop.example  handler showUser  shop.mjs:23
parameters  id = 7
middleware  /*  requestId  shop.mjs:30
hooks       GET:/*  BeforeServe countReads  shop.mjs:32
            /user/*  AfterOutput logUser  shop.mjs:31
            /*  404 notFound  shop.mjs:33
behind      /user/*rest  handler anyUser  shop.mjs:24
              is bound to every host, and "shop.example" is closer to the host
`,
    ])
  })

  it('ends with 0 where something serves, and says what the answer is where nothing does', async () => {
    const outcome = async (...request: string[]) => {
      const { code, stdout } = await inApps(['match', 'shop.mjs', ...request])
      const lines = stdout.split('\n').filter((line) => /^(?:served by|answer|behind) /.test(line))
      return [code, ...lines.map((line) => line.replace(/^(\w)\w* ?\w* +/, '$1: '))]
    }
    const cases: Record<string, unknown[]> = {
      'GET /cart': [1, 's: nothing', 'a: 405 Method Not Allowed; Allow: POST'],
      '/none': [1, 's: nothing', 'a: 404 Not Found'],
      '/%zz': [1, 's: nothing', 'a: 400 Bad Request'],
      '/chat': [1, 's: nothing', 'a: 426 Upgrade Required', 'b: GET:/chat  websocket chat  shop.mjs:27'],
      'ws://shop.example/chat': [0, 's: GET:/chat  websocket chat  shop.mjs:27'],
      'wss://shop.example/late': [
        1,
        's: nothing',
        'a: 405 Method Not Allowed; Allow: GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH',
        'b: /late  handler late  shop.mjs:34  layer "later"',
      ],
      '/apps/inspect.test.ts': [0, 's: GET:/apps/*  static ..  shop.mjs:28'],
      '/apps/none': [1, 's: GET:/apps/*  static ..  shop.mjs:28', 'a: 404 Not Found'],
      '/api/items/3': [0, 's: /api/*  server "api"  shop.mjs:38', 's: GET:/items/:item  handler showItem  shop.mjs:37'],
      '/api/none': [1, 's: /api/*  server "api"  shop.mjs:38', 's: nothing', 'a: 404 Not Found'],
      'http://127.0.0.1:8081/health': [0, 's: /health  handler health  shop.mjs:29  entry point "ops"'],
      '--entry-point=ops /late': [1, 's: nothing', 'a: 404 Not Found'],
    }
    const found: Record<string, unknown[]> = {}
    for (const request of Object.keys(cases)) found[request] = await outcome(...request.split(' '))
    expect(found).to.deep.equal(cases)
  })

  it('answers in JSON', async () => {
    const { stdout } = await inApps(['match', 'shop.mjs', '--json', '/api/items/3'])
    const { servers, ...asked } = JSON.parse(stdout) as { servers: Record<string, object>[] }
    expect(asked).to.deep.equal({ method: 'GET', host: '', path: '/api/items/3', asksForWebSocket: false })
    expect(servers[0]).to.deep.include({ server: 'shop', entryPoint: 'web', isServed: true, others: [] })
    expect(servers[0]?.['mounted']).to.deep.include({ server: 'api', isServed: true })
  })

  it('ends with 2 for what it cannot understand', async () => {
    const told = async (...args: string[]) => {
      const { code, stderr, stdout } = await inApps(args)
      expect([code, stdout]).to.deep.equal([2, ''])
      return stderr.split('\n').at(-2)
    }
    expect([
      await told('match'),
      await told('match', 'shop.mjs', 'BREW /pot'),
      await told('match', 'shop.mjs', 'shop.example'),
      await told('match', 'shop.mjs', '/a', '--sever', 'x'),
      await told('routes', 'shop.mjs', '--server', 'shap'),
      await told('routes', 'shop.mjs', '--method'),
      await told('routes', 'a.js', 'b.js'),
    ]).to.deep.equal([
      'tribind: match: name the module of the application, as tribind match app.js /user/7',
      'tribind: match: there is no method "BREW"',
      `tribind: match: the request must be a path or a URL, with or without a method before it, such as 'GET https://shop.example/user/7'; got "shop.example"`,
      'tribind: match: --sever is unknown, did you mean "server"?; see tribind help match',
      'tribind: --server: there is no server "shap"; there are: shop, api, did you mean "shop"?',
      'tribind: routes: --method needs a value; see tribind help routes',
      'tribind: routes: takes one module, got "b.js" too',
    ])
  })
})

function inApps(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return tribind(args, apps, env)
}

/** Returns what a shell shows on a terminal. */
async function onTerminal(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], {
    cwd: apps,
    env: { ...process.env, BIN: bin, TERM: 'xterm' },
    timeout: 20_000,
  })
  return stdout
}
