import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { tribind } from '../cli/tribind.ts'

const index = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

const modules = {
  'plain.mjs': `export const register = (server) => server.get('/plain', function plain() {})`,
  'script.mjs': `import { Server } from '${index}'
const server = new Server({ name: 'of the script', port: 0 })
server.get('/script', function script() {})
server.group('/v1').openapi({ info: { title: 'Of the group', version: '7' }, page: false })
await server.run()`,
  'several.mjs': `export const register = (server) => {
  for (const prefix of ['/a', '/b']) {
    const group = server.group(prefix)
    group.get('/x', function x() {})
    group.openapi({ info: { title: prefix, version: '1' }, page: false })
  }
}`,
  'servers.mjs': `import { Server } from '${index}'
export const one = new Server({ name: 'one', port: 0 }), two = new Server({ name: 'two', port: 0 })
one.get('/one', () => '')
two.get('/two', () => '')
export default one`,
  'package.json': JSON.stringify({ name: 'the-library', version: '3.1.4' }),
}

describe('tribind openapi', function () {
  this.timeout(120_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'openapi-'))
    for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text)
  })
  after(() => rmSync(folder, { recursive: true }))
  const run = (...args: string[]) => tribind(['openapi', ...args], folder)

  it('prints all that is bound, with the name and version of the package, where openapi() was not called', async () => {
    const { code, stdout } = await run('plain.mjs')
    expect(code).to.equal(0)
    const document = JSON.parse(stdout) as { info: object; paths: object }
    expect(document.info).to.deep.equal({ title: 'the-library', version: '3.1.4' })
    expect(Object.keys(document.paths)).to.deep.equal(['/plain'])
  })

  it('prints the only document of a script, which it does not start', async () => {
    const { code, stdout, stderr } = await run('script.mjs')
    expect([code, stderr]).to.deep.equal([0, ''])
    expect(JSON.parse(stdout)).to.deep.include({ info: { title: 'Of the group', version: '7' } })
  })

  it('asks which of several documents is meant', async () => {
    const { code, stdout, stderr } = await run('several.mjs')
    expect([code, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.match(/several documents, name one by --path; there are: \/a\/openapi.json, \/b\/openapi.json/)
    const chosen = await run('several.mjs', '--path', '/b/openapi.json')
    expect(JSON.parse(chosen.stdout)).to.have.nested.property('info.title', '/b')
    expect((await run('several.mjs', '--path', '/c')).stderr).to.match(/no document is at "\/c"; there are: \/a/)
  })

  it('asks which of several servers is meant', async () => {
    expect((await run('servers.mjs')).stderr).to.match(/several servers, name one by --server: one, two/)
    const chosen = await run('servers.mjs', '--server', 'two')
    expect(JSON.parse(chosen.stdout).paths).to.have.all.keys('/two')
  })

  for (const [args, message] of [
    [[], /name the module of the application/],
    [['plain.mjs', 'more'], /takes one module, got "more" too/],
    [['plain.mjs', '--out', 'x'], /there is no flag "--out"/],
    [['missing.mjs'], /does not exist/],
  ] as const)
    it(`refuses ${args.join(' ') || 'nothing'}`, async () => {
      const { code, stdout, stderr } = await run(...args)
      expect(code).to.be.above(0)
      expect(stdout).to.equal('')
      expect(stderr).to.match(message)
    })

  it('has a client written to standard output, or to a file in a new folder', async () => {
    const printed = await tribind(['client', 'plain.mjs'], folder)
    expect([printed.code, printed.stderr]).to.deep.equal([0, ''])
    expect(printed.stdout).to.match(/^\/\/ Written by "tribind client plain.mjs"/)
    const saved = await tribind(['client', 'plain.mjs', '-o', 'new/client.ts'], folder)
    expect(saved).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    expect(readFileSync(join(folder, 'new/client.ts'), 'utf8')).to.equal(printed.stdout)
    const failed = await tribind(['client', 'plain.mjs', '-o', 'plain.mjs/client.ts'], folder)
    expect(failed.code).to.equal(1)
    expect(failed.stderr).to.match(/--out "plain.mjs\/client.ts" could not be written/)
  })
})
