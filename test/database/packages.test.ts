import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { temporaryFolder } from '../feature/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a program where some packages are missing, and others are made up; returns what it writes. */
async function runWithout(
  missing: readonly string[],
  program: string,
  madeUp: Record<string, object> = {},
): Promise<string> {
  const folder = temporaryFolder({ 'main.ts': program, 'package.json': '{ "type": "module" }' })
  cpSync(join(root, 'lib'), join(folder, 'lib'), { recursive: true })
  const packages = join(folder, 'node_modules')
  mkdirSync(packages)
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!missing.includes(name) && !(name in madeUp))
      symlinkSync(join(root, 'node_modules', name), join(packages, name))
  for (const [name, files] of Object.entries(madeUp)) {
    mkdirSync(join(packages, name))
    for (const [file, content] of Object.entries(files)) writeFileSync(join(packages, name, file), String(content))
  }
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', 'main.ts'], { cwd: folder })
  return stdout.trim()
}

/** A program that starts a server with a database and prints the error, or what a query returns. */
const start = (options: string) => `
  import { Server } from './lib/index.ts'
  import { database } from './lib/database.ts'
  const server = new Server({ port: 0, logger: { debug() {}, info() {}, warn() {}, error() {} }, database: database(${options}) })
  try {
    await server.start()
    const { rows } = await server.db().executeQuery({ sql: 'select 7 as n', parameters: [], query: {}, queryId: {} } as never)
    console.log(JSON.stringify(rows))
    await server.stop()
  } catch (error) {
    console.log(error.name, error.failure, error.message)
  }`

const sqlite = start("{ client: 'sqlite', file: ':memory:' }")
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isFrom = (atLeast: number, minorAtLeast: number) =>
  major > atLeast || (major === atLeast && minor >= minorAtLeast)

describe('packages of a database that are missing', function () {
  this.timeout(60_000)

  it('are named: kysely', async () => {
    const printed = await runWithout(['kysely'], sqlite)
    expect(printed).to.match(/^ConfigError ERR_TRIBIND_PACKAGE_MISSING .*"kysely".*npm install kysely/)
  })

  for (const [client, name] of [
    ['postgres', 'pg'],
    ['mysql', 'mysql2'],
  ] as const)
    it(`are named: ${name}`, async () => {
      const printed = await runWithout([name], start(`{ client: '${client}', port: 1 }`))
      expect(printed).to.match(new RegExp(`^ConfigError ERR_TRIBIND_PACKAGE_MISSING .*"${name}".*npm install ${name}`))
    })

  it('are named, or aren’t needed: those of SQLite', async () => {
    const printed = await runWithout(['libsql', 'better-sqlite3'], sqlite)
    if (isFrom(22, 16)) expect(printed).to.equal('[{"n":7}]')
    else
      expect(printed)
        .to.match(/^ConfigError ERR_TRIBIND_PACKAGE_MISSING/)
        .and.to.contain('better-sqlite3 (not installed)')
        .and.to.contain('node:sqlite (')
        .and.to.contain('libsql (not installed)')
        .and.to.contain('npm install libsql')
  })

  if (!isFrom(22, 14))
    it('include better-sqlite3 13 on a Node.js that it would end', async () => {
      const madeUp = {
        'better-sqlite3': {
          'package.json': '{ "name": "better-sqlite3", "version": "13.0.1", "main": "index.js" }',
          'index.js': 'process.abort()',
        },
      }
      expect(await runWithout([], sqlite, madeUp)).to.equal('[{"n":7}]')
      expect(await runWithout(['libsql'], sqlite, madeUp)).to.contain('better-sqlite3 (13.0.1 needs Node.js 22.14')
    })
})
