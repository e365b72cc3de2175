import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { createDatabases, type TestDatabase } from '../database/databases.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { announcedPort } from './example-process.ts'
import { ask } from './serve.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLE = 'examples/27-library-database'

/** The one variable that decides which database it is. */
const variableOf = ({ options }: TestDatabase) => ('url' in options ? options.url : `sqlite:${options.file}`)

/** Runs a program as these tests are run: on the sources, or on the build. */
const run = (args: readonly string[], env: Record<string, string>) => {
  const options = { cwd: ROOT, env: { ...process.env, ...env }, timeout: 120_000 }
  return promisify(execFile)(process.execPath, [...process.execArgv, ...args], options)
}

describe(`${EXAMPLE} as a program`, function () {
  this.timeout(60_000)
  const folder = temporaryFolder({})
  const env = { PORT: '0', DATABASE_URL: `sqlite:${folder}/library.db`, LOG_LEVEL: 'info' }

  it('makes its tables and books at the first start, and finds them at the second', async () => {
    const logs: string[] = []
    for (const _ of [1, 2]) {
      const child = spawn(process.execPath, [...process.execArgv, `${EXAMPLE}/main.ts`], {
        cwd: ROOT,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let log = ''
      child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
      const port = await announcedPort(child)
      const page = await ask(port, '/', { 'accept-language': 'de' })
      expect(page.status).to.equal(200)
      expect(page.text).to.contain('Die Bücherei').and.contain('Emma von Jane Austen').and.contain('4 Bücher')
      expect((await ask(port, '/health')).json()).to.deep.equal({ status: 'ok' })
      child.kill('SIGINT')
      expect(await once(child, 'exit')).to.deep.equal([0, null])
      logs.push(log)
    }
    expect(logs[0]).to.contain('"message":"Migrated"').and.contain('"message":"Seeded"')
    expect(logs[1]).to.contain('"message":"No migration is pending"').and.not.contain('Seeded')
  })

  it('does not start in production without a secret, and names the line', async () => {
    const failed: unknown = await run([`${EXAMPLE}/main.ts`], { ...env, NODE_ENV: 'production' }).catch(
      (error: unknown) => error,
    )
    expect(failed).to.have.property('stderr').that.contains('library.production.yaml:6').and.contains('SESSION_SECRET')
  })
})

for (const test of await createDatabases()) {
  describe(`${EXAMPLE} on ${test.name}`, function () {
    this.timeout(120_000)

    it('passes its own tests, which undo themselves', async () => {
      const mocha = [
        'node_modules/mocha/bin/mocha.js',
        '--no-config',
        '--no-package',
        '--timeout',
        '30s',
        '--forbid-pending',
      ]
      const quiet = ['--require', './test/quiet-log.ts', '--reporter', 'dot']
      const { stdout } = await run([...mocha, ...quiet, `${EXAMPLE}/library.test.ts`], {
        DATABASE_URL: variableOf(test),
      })
      expect(stdout).to.match(/\b10 passing\b/)
    })
  })
}
