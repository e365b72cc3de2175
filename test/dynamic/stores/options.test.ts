import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { ConfigError } from 'tribind'
import { etcdProvider, natsProvider, postgresProvider, redisProvider } from 'tribind/providers'
import { thrownBy } from '../../feature/both-ways.ts'
import { temporaryFolder } from '../../feature/temporary-folder.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const page = readFileSync(join(root, 'docs/dynamic-configuration.md'), 'utf8')
const client = {} as never

describe('options of the providers of stores', () => {
  for (const [call, message] of [
    [() => redisProvider({}), 'redisProvider: set either the option "url" or the option "client"'],
    [() => redisProvider({ url: 'redis://a', kee: 'x' } as object), /unknown option "kee", did you mean "key"/],
    [() => redisProvider({ client }), /option "client" must be a client of the package "redis"/],
    [() => redisProvider({ url: 'redis://a', heartbeat: '1ms' }), /option "heartbeat" must be a time from 10 ms/],
    [() => postgresProvider({}), /set one of the options "url" \(or "options"\), "pool" and "client"/],
    [() => postgresProvider({ url: 'postgres://a', client }), /option "client" must be a client of the package "pg"/],
    [() => postgresProvider({ url: 'postgres://a', table: 'a.b.c' }), /option "table" must be the name of a table/],
    [() => postgresProvider({ url: 'postgres://a', table: 'x'.repeat(54) }), /at most 53 bytes/],
    [() => postgresProvider({ url: 'postgres://a', channel: 'ä'.repeat(32) }), /at most 63 bytes/],
    [() => natsProvider({ url: [] }), /option "url" must be a URL, or an array of URLs/],
    [() => natsProvider({ url: 'nats://a', bucket: 'a.b' }), /option "bucket" must be a name of letters/],
    [() => natsProvider({ url: 'nats://a', key: 'a.' }), /option "key" must be a name of letters/],
    [() => etcdProvider({} as never), /option "url"/],
    [() => etcdProvider({ url: 'localhost:2379' }), /option "url" must be an http or https URL/],
  ] as const)
    it(`are refused: ${String(message)}`, () => {
      expect(call).to.throw(ConfigError, message)
    })

  it('never show a password', () => {
    expect(() => postgresProvider({ url: 'postgres://root:se#cret@10.0.0.5' }))
      .to.throw(ConfigError, 'must be a URL such as postgres://10.0.0.5/name')
      .with.property('message')
      .that.does.not.include('cret@')
    expect(() => etcdProvider({ url: 'htp://root:secret@10.0.0.5' }))
      .to.throw(ConfigError)
      .with.property('message')
      .that.does.not.include('secret')
  })

  it('name the provider, which is required when asked', () => {
    const { name, required } = redisProvider({ url: 'redis://a' })
    expect([name, required]).to.deep.equal(['redis', false])
    const other = etcdProvider({ url: 'http://a', name: 'main', required: true })
    expect([other.name, other.required]).to.deep.equal(['main', true])
  })

  for (const [section, call] of [
    ['Redis', () => redisProvider({ nope: 1 } as object)],
    ['PostgreSQL', () => postgresProvider({ nope: 1 } as object)],
    ['NATS', () => natsProvider({ nope: 1 } as object)],
    ['etcd', () => etcdProvider({ nope: 1 } as never)],
  ] as const)
    it(`are all in docs/dynamic-configuration.md: ${section}`, () => {
      const [, known = ''] = /Known options: (.*)/.exec(thrownBy(call).message) ?? []
      const names = [...optionsIn('A document in a store'), ...optionsIn(section)]
      expect(known.split(', ')).to.have.members(names)
    })

  for (const missing of [['redis', 'pg', '@nats-io/kv'], ['@nats-io/transport-node']])
    it(`name the packages that are missing: ${missing.join(', ')}`, async () => {
      const printed = await runWithout(
        missing,
        `import { natsProvider, postgresProvider, redisProvider } from './lib/providers.ts'
        for (const provider of [redisProvider, postgresProvider, natsProvider])
          try { provider({ url: 'redis://a' }) } catch (error) { console.log(error.name, error.failure, error.message) }`,
      )
      const lines = printed.split('\n')
      expect(lines).to.have.length(missing.length)
      for (const [i, name] of missing.entries())
        expect(lines[i])
          .to.match(/^ConfigError ERR_TRIBIND_PACKAGE_MISSING \w+Provider needs the package /)
          .and.include(`npm install ${name}`)
    }).timeout(60_000)
})

/** The names in the first table of a section. */
function optionsIn(section: string): string[] {
  const [, text = ''] = page.split(`\n### ${section}\n`)
  const [table = ''] = /(?:^\|.*\n)+/m.exec(text) ?? []
  return [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name as string)
}

/** Runs a program where packages are missing, and returns what it prints. */
async function runWithout(missing: readonly string[], program: string): Promise<string> {
  const folder = temporaryFolder({ 'main.ts': program, 'package.json': '{ "type": "module" }' })
  cpSync(join(root, 'lib'), join(folder, 'lib'), { recursive: true })
  const names = readdirSync(join(root, 'node_modules')).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(root, 'node_modules', name)).map((of) => `${name}/${of}`) : name,
  )
  for (const name of names.filter((name) => !missing.includes(name))) {
    mkdirSync(join(folder, 'node_modules', name, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', 'main.ts'], { cwd: folder })
  return stdout.trim()
}
