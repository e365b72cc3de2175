import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const exec = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

const program = `
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

describe('the packed package in a fresh project', function () {
  this.timeout(180_000)
  let project: string
  let files: string[]

  const write = (name: string, text: string) => writeFile(join(project, name), text)
  const runFile = (...args: string[]) => exec(process.execPath, args, { cwd: project })

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'tribind-consumer-'))
    const packed = await exec('npm', ['pack', '--json', '--pack-destination', project], { cwd: root })
    const json = packed.stdout.slice(packed.stdout.search(/^[[{]/m))
    const [report] = Object.values(JSON.parse(json) as Record<string, { filename: string; files: { path: string }[] }>)
    files = report?.files.map(({ path }) => path) ?? []
    await write('package.json', '{ "name": "consumer", "private": true, "type": "module" }')
    await exec('npm', ['install', '--prefer-offline', join(project, report?.filename ?? '')], { cwd: project })
  })

  after(() => rm(project, { recursive: true, force: true }))

  it('holds the build, its types, the README and the licence, and nothing else', () => {
    expect(files).to.include.members(['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts'])
    const others = files.filter((file) => !/^(dist\/.*\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/.test(file))
    expect(others).to.be.empty
  })

  it('serves when it is imported from JavaScript', async () => {
    await write('main.js', program)
    expect((await runFile('main.js')).stdout).to.equal('{"hello":"Ann"}\n')
  })

  it('serves when it is required from CommonJS', async () => {
    await write(
      'main.cjs',
      `const { Server } = require('tribind'); new Server().inject().then((r) => console.log(r.status))`,
    )
    expect((await runFile('--no-warnings', 'main.cjs')).stdout).to.equal('404\n')
  })

  it('has types for a strict project, libraries checked', async () => {
    await symlink(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'))
    await symlink(join(root, 'node_modules/undici-types'), join(project, 'node_modules/undici-types')).catch(() => {})
    await write('tsconfig.json', JSON.stringify({ compilerOptions: { ...strict, noEmit: true }, include: ['*.ts'] }))
    await write('main.ts', `${program}\nserver.get('/:id', (request) => request.params.id.toUpperCase())\n`)
    await runFile(join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', '.')
    await write(
      'wrong.ts',
      `import { Server } from 'tribind'\nnew Server().get('/:id', (request) => request.params.nope)\n`,
    )
    const failed = await runFile(join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', '.').catch(
      (e: unknown) => e,
    )
    expect((failed as { stdout: string }).stdout).to.match(/^wrong\.ts.*'nope' does not exist/)
  })

  it('depends on what it imports and nothing else', async () => {
    const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: object }
    const sources = await Promise.all(
      files.filter((file) => file.startsWith('dist/')).map((file) => readFile(join(root, file), 'utf8')),
    )
    const imports = sources.flatMap((source) => [
      ...source.matchAll(
        /(?:\bfrom |\bimport\(|\brequire\(|\bcreateRequire\(import\.meta\.url\)\()['"]((?:@[\w-]+\/)?[a-z][\w-]*)(?:\/[\w/-]+)?['"]/g,
      ),
    ])
    expect([...new Set(imports.map(([, name]) => String(name)))].toSorted()).to.deep.equal(
      Object.keys(dependencies).toSorted(),
    )
  })
})

const strict = {
  strict: true,
  target: 'es2022',
  module: 'nodenext',
  types: ['node'],
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
}
