import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import { build } from 'esbuild'
import { testCommandLine } from './command-line.ts'
import { testFirstMinutes } from './first-minutes.ts'
import { adminProgram, bundledOutput, program, runners, testProgram } from './packed-programs.ts'

const exec = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

const wings = `
export * as admin from 'tribind/admin'
export * as providers from 'tribind/providers'
export * as forward from 'tribind/forward'
`

describe('the packed package in a fresh project', function () {
  this.timeout(180_000)
  let project: string
  /** A copy of what is packed: others use `dist` and `package.json` meanwhile. */
  let copy: string
  let files: string[]
  let tarball: string

  const write = (name: string, text: string) => writeFile(join(project, name), text)
  const runFile = (...args: string[]) => exec(process.execPath, args, { cwd: project })

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'tribind-consumer-'))
    copy = await copyPackage()
    const packed = await exec('npm', ['pack', '--json', '--pack-destination', project], { cwd: copy })
    const json = packed.stdout.slice(packed.stdout.search(/^[[{]/m))
    const [report] = Object.values(JSON.parse(json) as Record<string, { filename: string; files: { path: string }[] }>)
    files = report?.files.map(({ path }) => path) ?? []
    tarball = join(project, report?.filename ?? '')
    await write('package.json', '{ "name": "consumer", "private": true, "type": "module" }')
    await exec('npm', ['install', '--prefer-offline', tarball], { cwd: project })
  })

  after(() => Promise.all([project, copy].map((folder) => rm(folder, { recursive: true, force: true }))))

  it('holds the build, its types, the documentation and the licence, and nothing else', () => {
    expect(files).to.include.members([
      'package.json',
      'bin/tribind.mjs',
      'README.md',
      'LICENSE',
      'docs/README.md',
      'docs/live-routes.md',
      'docs/benchmark.svg',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/testing.js',
      'dist/configuration.schema.json',
      'dist/services.schema.json',
      'dist/page/index.html',
      'dist/page/page.css',
      'dist/page/main.js',
      'templates/application/package.template.json',
      'templates/application/_gitignore',
    ])
    const others = files.filter(
      (file) =>
        !/^(bin\/tribind\.mjs|dist\/.*\.(js|d\.ts)|dist\/page\/.*\.(html|css)|dist\/(configuration|services)\.schema\.json|docs\/[\w-]+\.(md|svg)|templates\/application\/.*|package\.json|README\.md|LICENSE)$/.test(
          file,
        ),
    )
    expect(others).to.be.empty
  })

  it('has the page of the administration, with all its modules', async () => {
    await write('admin.js', adminProgram)
    expect((await runFile('admin.js')).stdout).to.match(/^text\/html; charset=utf-8 \d{2} modules, all there\n$/)
  })

  it('serves when it is imported from JavaScript', async () => {
    await write('main.js', program)
    expect((await runFile('main.js')).stdout).to.equal('{"hello":"Ann"}\n')
  })

  it('serves where the condition is set that our own tests use', async () => {
    await write('main.js', program)
    expect((await runFile('--conditions=source', 'main.js')).stdout).to.equal('{"hello":"Ann"}\n')
    await write('testing.js', testProgram)
    expect((await runFile('--conditions=source', 'testing.js')).stdout).to.equal('Ann nobody\n')
  })

  it('leaves package.json as it was', async () => {
    const texts = await Promise.all([root, copy].map((folder) => readFile(join(folder, 'package.json'), 'utf8')))
    expect(texts[1]).to.equal(texts[0])
  })

  it('tests an application from JavaScript', async () => {
    await write('testing.js', testProgram)
    expect((await runFile('testing.js')).stdout).to.equal('Ann nobody\n')
  })

  it('has one Server for both of its entries', async () => {
    await write(
      'both.js',
      `import { Server } from 'tribind'
      import { createTestServer } from 'tribind/testing'
      const { server } = await createTestServer(new Server())
      console.log(server.isReady())
      await server.stop()`,
    )
    expect((await runFile('both.js')).stdout).to.equal('true\n')
  })

  it('says in which file of the application a route was bound, whatever entry was used', async () => {
    await write(
      'twice.js',
      `import { createTestServer } from 'tribind/testing'
      const failure = await createTestServer((server) => server.get('/', () => {}).get('/', () => {})).catch((e) => e)
      console.log(failure.message.match(/\\w+\\.js:\\d+/g).join(' '))`,
    )
    expect((await runFile('twice.js')).stdout).to.equal('twice.js:2 twice.js:2\n')
  })

  describe('runs the tests of examples/20-testing', () => {
    before(async () => {
      await cp(join(root, 'examples/20-testing'), join(project, 'tested'), { recursive: true })
      for (const name of ['mocha', 'chai', 'vitest', 'tsx']) {
        await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name))
      }
    })

    for (const [name, { run, said }] of Object.entries(runners)) {
      it(`with ${name}`, async () => {
        const { stdout } = await runFile(...run, `tested/${name}.test.ts`)
        expect(stripVTControlCharacters(stdout)).to.match(new RegExp(said))
      })
    }
  })

  it('serves when it is required from CommonJS', async () => {
    await write(
      'main.cjs',
      `const { Server } = require('tribind'); new Server().inject().then((r) => console.log(r.status))`,
    )
    expect((await runFile('--no-warnings', 'main.cjs')).stdout).to.equal('404\n')
  })

  it('says which package is missing where Express is not installed, and which version it needs', async () => {
    const code = `import { fromExpress } from 'tribind'
      try { fromExpress(() => {}) } catch (error) { console.log(error.failure, error.message) }`
    await write('express.mjs', code)
    expect((await runFile('express.mjs')).stdout).to.equal(
      'ERR_TRIBIND_PACKAGE_MISSING fromExpress needs the package "express", which could not be loaded: run npm install express@5\n',
    )
    await mkdir(join(project, 'node_modules/express'))
    await write('node_modules/express/index.js', 'exports.application = { lazyrouter() {} }')
    expect((await runFile('express.mjs')).stdout).to.equal(
      'ERR_TRIBIND_PACKAGE_VERSION fromExpress needs version 5 of the package "express", got version 4: run npm install express@5\n',
    )
    await rm(join(project, 'node_modules/express'), { recursive: true })
  })

  it('loads a configuration, and says which package is missing for a file that needs one', async () => {
    await write('config.json', '{ "server": { "name": "shop" } }')
    await write('config.yaml', 'server: { name: shop }')
    await write(
      'config.mjs',
      `import { Server } from 'tribind'
      import { ConfigError, loadConfig, serverSchema } from 'tribind/config'
      const load = (file) => loadConfig({ file, schema: { server: serverSchema } })
      const config = await load('config.json')
      console.log(new Server({ config, ...config.get('server') }).config.get('server.name'))
      try { await load('config.yaml') } catch (error) { console.log(error instanceof ConfigError, error.failure, error.message) }`,
    )
    expect((await runFile('config.mjs')).stdout.split('\n')).to.deep.equal([
      'shop',
      'true ERR_TRIBIND_PACKAGE_MISSING .yaml files need the package "yaml", which could not be loaded: run npm install yaml',
      '',
    ])
  })

  for (const [format, extension] of [
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ] as const) {
    it(`serves when esbuild has bundled it into one file, as ${format}`, async () => {
      await cp(join(root, 'test/package/bundled-program.ts'), join(project, 'bundled-program.ts'))
      const folder = await mkdtemp(join(tmpdir(), 'tribind-bundled-'))
      const outfile = join(folder, `program.${extension}`)
      try {
        const entryPoints = [join(project, 'bundled-program.ts')]
        const { warnings } = await build({
          entryPoints,
          outfile,
          format,
          bundle: true,
          platform: 'node',
          logLevel: 'silent',
        })
        expect(warnings).to.deep.equal([])
        const env = { ...process.env, LOG_LEVEL: 'warn' }
        const { stdout, stderr } = await exec(process.execPath, [outfile], { cwd: folder, env })
        expect(stderr).to.equal('')
        expect(stdout.trimEnd().split('\n')).to.deep.equal(bundledOutput)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
  }

  it('has types for a strict project, libraries checked', async () => {
    await symlink(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'))
    await symlink(join(root, 'node_modules/undici-types'), join(project, 'node_modules/undici-types')).catch(() => {})
    await write('tsconfig.json', JSON.stringify({ compilerOptions: { ...strict, noEmit: true }, include: ['*.ts'] }))
    await write('main.ts', `${program}\nserver.get('/:id', (request) => request.params.id.toUpperCase())\n`)
    await write('testing.ts', testProgram)
    await write('wings.ts', wings)
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

  testCommandLine(() => project)

  testFirstMinutes(() => tarball)

  it('has types for CommonJS with the resolution node10, of all entries', async () => {
    const code = `import { Server } from 'tribind'
      import { createTestClient } from 'tribind/testing'
      const server = new Server()
      server.get('/:id', (request) => request.params.id.toUpperCase())
      void createTestClient(server).get('/a').then((answer) => console.log(answer.text()))`
    await mkdir(join(project, 'node10'))
    await write('node10/package.json', '{ "type": "commonjs" }')
    await write('node10/main.ts', code)
    const options = '--module commonjs --moduleResolution node10 --ignoreDeprecations 6.0 --strict --types node'
    const compiler = join(root, 'node_modules/typescript/bin/tsc6')
    await runFile(compiler, ...options.split(' '), '--target', 'es2022', '--ignoreConfig', 'node10/main.ts')
    expect((await runFile('--no-warnings', 'node10/main.js')).stdout).to.equal('A\n')
    const { exports, typesVersions } = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as {
      exports: Record<string, { types?: string }>
      typesVersions: { '*': Record<string, string[]> }
    }
    const entries = Object.entries(exports).filter(([path, { types }]) => path !== '.' && types !== undefined)
    expect(typesVersions['*']).to.deep.equal(
      Object.fromEntries(entries.map(([path, { types }]) => [path.slice(2), [types]])),
    )
  })

  it('depends on what it imports and nothing else', async () => {
    const { dependencies, peerDependencies } = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as {
      dependencies: object
      peerDependencies: object
    }
    const sources = await Promise.all(
      files.filter((file) => file.startsWith('dist/')).map((file) => readFile(join(copy, file), 'utf8')),
    )
    const imports = sources.flatMap((source) => [
      ...source.matchAll(/(?:\bfrom |\bimport\(|\brequire\()['"]((?:@[\w-]+\/)?[a-z][\w-]*)(?:\/[\w/-]+)?['"]/g),
    ])
    // Of these, files are served.
    const served = ['@scalar/api-reference', 'swagger-ui-dist']
    expect([...new Set([...served, ...imports.map(([, name]) => String(name))])].toSorted()).to.deep.equal(
      Object.keys({ ...dependencies, ...peerDependencies }).toSorted(),
    )
  })
})

async function copyPackage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tribind-package-'))
  const names = (await readdir(root)).filter((name) =>
    /^(bin|lib|docs|templates|.*\.mjs|.*\.json|README\.md|LICENSE)$/.test(name),
  )
  for (const name of names) await cp(join(root, name), join(folder, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

const strict = {
  strict: true,
  target: 'es2022',
  module: 'nodenext',
  types: ['node'],
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
}
