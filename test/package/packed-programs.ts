// The programs that packed.test.ts runs in a fresh project.

export const program = `
import { Controller, Server } from 'tribind'
class Greeter extends Controller {
  hello() { return { hello: this.request.get('name') } }
}
const server = new Server({ port: 0 })
server.bindController('/greet', Greeter)
await server.start()
const response = await fetch(\`http://127.0.0.1:\${server.port}/greet/hello?name=Ann\`)
console.log(await response.text())
await server.stop()
`

export const adminProgram = `
import { Server } from 'tribind'
let admin
const quiet = { debug() {}, info: (message, fields) => (admin = fields?.component === 'admin' ? fields.address : admin), warn: console.warn, error: console.error }
const options = { address: '127.0.0.1:0', token: 'a-token-of-the-tests' }
const server = new Server({ port: 0, logger: quiet, admin: options })
await server.start()
const base = \`http://\${admin}/\`
const page = await fetch(base)
const found = new Set()
async function follow(url) {
  if (found.has(url)) return
  found.add(url)
  const response = await fetch(url)
  if (!response.ok) throw new Error(url)
  const imports = (await response.text()).matchAll(/^import .* from '(.+)'/gm)
  for (const [, name] of imports) await follow(new URL(name, url).href)
}
await follow(base + 'page/main.js')
console.log(page.headers.get('content-type'), found.size, 'modules, all there')
await server.stop()
`

export const testProgram = `
import { createTestServer } from 'tribind/testing'
const server = await createTestServer((server) => {
  server.get('/', (request) => request.cookie.get('name') ?? 'nobody')
})
const client = server.client()
client.cookies.set('name', 'Ann')
console.log((await client.get('/')).text(), (await server.inject()).text())
await server.stop()
`

/** How each runner is told to run a test that is written in TypeScript; docs/testing.md has it too. */
export const runners = {
  mocha: { run: ['node_modules/mocha/bin/mocha.js', '--no-config', '-n', 'import=tsx'], said: '2 passing' },
  vitest: { run: ['node_modules/vitest/vitest.mjs', 'run'], said: /Tests +2 passed \(2\)/ },
  node: { run: ['--import', 'tsx', '--test'], said: /pass 2\n.*fail 0\n/ },
}

/** What bundled-program.ts prints. */
export const bundledOutput = [
  'cors',
  '{"a":1}',
  's:b',
  '8',
  'Hello <%= it.name %>',
  'Ann',
  'Hello Ann',
  '/books/7',
  'configured',
  'echo',
  'fromExpress needs the package "express", which could not be loaded: run npm install express@5',
  'redisProvider needs the package "redis", which could not be loaded: run npm install redis',
  'false',
]
