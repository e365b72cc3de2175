import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { newApplication } from '../../lib/cli/create/new-application.ts'
import { type Ended, tribind } from './tribind.ts'

const version = async () =>
  (JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

describe('tribind new', function () {
  this.timeout(60_000)
  let root: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'tribind-new-'))
  })
  after(() => rm(root, { recursive: true, force: true }))

  const create = (...args: string[]) => tribind(['new', ...args], root)
  const readPackage = async (folder: string) =>
    JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
      name: string
      dependencies: Record<string, string>
    }
  const list = async (folder: string) => {
    const all = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    return all.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  }
  const problemOf = async (...args: string[]) => {
    const problem: unknown = await newApplication.run(args).catch((error: unknown) => error)
    return (problem as Error).message
  }

  it('lays out an application, and says what to do next', async () => {
    const { code, stdout, stderr } = await create('shop')
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(stdout).to.contain('Laid out shop. Next:').and.contain('  cd shop\n  npm install').and.contain('npm run dev')
    const { name, dependencies } = await readPackage('shop')
    expect([name, dependencies['tribind']]).to.deep.equal(['shop', `^${await version()}`])
    const files = await list('shop')
    for (const file of ['.gitignore', '.dockerignore', 'Dockerfile', 'README.md', 'src/app.ts', 'test/app.test.ts'])
      expect(files).to.include(join(root, 'shop', file))
    for (const file of files) {
      expect(file).not.to.match(/template|\/_/)
      expect(await readFile(file, 'utf8'), file).not.to.contain('application-name')
    }
  })

  it('lays it out here, where git alone has been, by a name with a scope, on a packed tribind', async () => {
    await mkdir(join(root, 'Here it is', '.git'), { recursive: true })
    await writeFile(join(root, 'tribind-9.9.9.tgz'), 'packed')
    const options = ['--name', '@acme/shop', '--tribind', '../tribind-9.9.9.tgz']
    const { code, stdout } = await tribind(['new', '.', ...options], join(root, 'Here it is'))
    expect(code).to.equal(0)
    expect(stdout).to.contain('Laid out @acme/shop').and.not.contain('cd ')
    const { name, dependencies } = await readPackage('Here it is')
    expect([name, dependencies['tribind']]).to.deep.equal(['@acme/shop', 'file:tribind-9.9.9.tgz'])
    expect(await readFile(join(root, 'Here it is', 'tribind-9.9.9.tgz'), 'utf8')).to.equal('packed')
    expect(await readFile(join(root, 'Here it is', 'config/application.yaml'), 'utf8')).to.contain("name: 'shop'")
  })

  it('writes nothing where something is', async () => {
    await mkdir(join(root, 'full'))
    await writeFile(join(root, 'full', 'notes.txt'), '')
    const [full, file, packed] = (await Promise.all([
      create('full'),
      create('full/notes.txt', '--name', 'notes'),
      create('empty', '--tribind', './missing.tgz'),
    ])) as [Ended, Ended, Ended]
    expect([full.code, file.code, packed.code]).to.deep.equal([1, 1, 1])
    expect(full.stderr).to.match(/^tribind: .*full is not empty, it has "notes.txt": write the name of a new folder/)
    expect(file.stderr).to.match(/^tribind: .*notes.txt is not a folder: /)
    expect(packed.stderr).to.match(/^tribind: --tribind .\/missing.tgz: there is no such file or folder, looked for \//)
    expect(await readdir(join(root, 'full'))).to.deep.equal(['notes.txt'])
    expect(await readdir(root)).not.to.include('empty')
  })

  it('proposes a name where one is not that of a package', async () => {
    expect(await problemOf(join(root, 'My Shop'))).to.equal(
      'the package can\'t be called "My Shop", which is not of lower-case letters, digits, "-", "_" and ".", with a ' +
        'letter or digit first: write for example --name my-shop',
    )
    for (const [name, reason] of [
      ['http', 'is a module of Node.js'],
      ['tribind', 'is a package that it depends on'],
      ['kysely', 'is a package that it depends on'],
      ['node_modules', 'is reserved'],
      ['.hidden', 'is not of lower-case letters'],
      ['@acme/', 'is not of lower-case letters'],
      ['x'.repeat(215), 'has more than 214 characters'],
    ] as const)
      expect(await problemOf(join(root, 'other'), '--name', name)).to.contain(`"${name}", which ${reason}`)
    expect(await problemOf()).to.equal('"new" needs a folder: tribind new shop')
    expect(await problemOf('a', 'b')).to.equal('"new" takes one folder, got "a", "b"')
    expect(await readdir(root)).not.to.include('other')
  })
})
