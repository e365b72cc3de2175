import { expect } from 'chai'
import { runProgram } from '../docs/run-program.ts'

const program = `
import Module from 'node:module'
import { request } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { Server } from 'tribind'

const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown }
const load = loader._load
loader._load = (name, ...rest) => {
  if (name === 'prom-client') throw new Error('there is no such package')
  return load(name, ...rest)
}

const folder = mkdtempSync(tmpdir() + '/tribind-admin-')
const server = new Server({ port: 0, admin: { address: 'unix:' + folder + '/a.sock' } })
server.get('/', () => 'served')
await server.start()
const served = await (await fetch('http://' + server.addresses[0])).text()
const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
  const asked = request({ socketPath: folder + '/a.sock', path: '/metrics' }, async (response) =>
    resolve({ status: response.statusCode, body: await text(response) }),
  )
  asked.on('error', reject).end()
})
await server.stop()
rmSync(folder, { recursive: true })
console.log(JSON.stringify({ served, status: answer.status, ...JSON.parse(answer.body) }))
`

describe('GET /metrics without prom-client', function () {
  this.timeout(30_000)

  it('is answered 501, which says what to install; the server serves', async () => {
    const { stdout } = await runProgram(program)
    expect(JSON.parse(stdout)).to.deep.equal({
      served: 'served',
      status: 501,
      code: 'ERR_TRIBIND_PACKAGE_MISSING',
      message: 'The metrics need the package "prom-client", which could not be loaded: run npm install prom-client',
    })
  })
})
