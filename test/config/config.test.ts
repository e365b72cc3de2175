import { inspect } from 'node:util'
import { expect } from 'chai'
import { ConfigError } from 'tribind'
import { Config, loadConfig } from 'tribind/config'
import { z } from 'zod'
import { thrownBy } from '../feature/both-ways.ts'
import { anything, issuesOf, loadFiles, loadValues, schemaOf } from './config-world.ts'

const schema = z.object({
  database: z.object({
    host: z.string(),
    port: z.number().default(5432),
    password: z.string().optional(),
    pool: z.object({ max: z.number().default(10), min: z.number().optional() }).default({ max: 10 }),
    replica: z.object({ host: z.string(), port: z.number().optional() }).optional(),
  }),
  tags: z.array(z.string()).default([]),
  labels: z.record(z.string(), z.object({ text: z.string().optional() })).default({}),
  site: z
    .string()
    .transform((text) => new URL(text))
    .optional(),
})
const files = {
  'config.yaml':
    'database:\n  host: ${DB_HOST:-localhost}\n  pool:\n    max: 20\ntags: [a, b]\nsite: http://${HOST}/\n',
  'config.test.yaml': 'database:\n  password: "a${PASSWORD}b"\n  replica: { host: "${HOST}" }\n',
}
const load = (values: object = {}) =>
  loadFiles(files, {
    schema,
    values,
    order: ['config.yaml'],
    environment: 'test',
    env: { HOST: 'db', PASSWORD: 'hunter2' },
  }) as Promise<Config<z.output<typeof schema>>>

describe('the values of a configuration', () => {
  it('are those that the schema returns', async () => {
    const { values } = await load()
    expect(values).to.deep.equal({
      database: { host: 'localhost', port: 5432, password: 'ahunter2b', pool: { max: 20 }, replica: { host: 'db' } },
      tags: ['a', 'b'],
      labels: {},
      site: new URL('http://db/'),
    })
  })

  it('are frozen through and through, and are no objects of others', async () => {
    const shared = { list: [{ a: 1 }], own: new Map([['a', {}]]) }
    const config = await loadValues(shared)
    const { values } = config as Config<typeof shared>
    for (const one of [values, values.list, values.list[0]]) expect(one).to.satisfy(Object.isFrozen)
    expect(() => values.list.push({ a: 2 })).to.throw(TypeError)
    expect(values.own).to.equal(shared.own).and.not.satisfy(Object.isFrozen)
    shared.list.push({ a: 2 })
    expect(values.list).to.have.length(1)

    const byDefault = { nested: { a: 1 } }
    const copied = await loadValues({}, { schema: schemaOf(() => ({ value: byDefault })) })
    expect(copied.values).to.deep.equal(byDefault)
    expect(byDefault.nested).to.not.satisfy(Object.isFrozen)
  })

  it('are not shown where the configuration is logged', async () => {
    const config = await load()
    expect(inspect(config, { depth: 9, showHidden: true })).to.not.include('hunter2')
    expect(JSON.stringify(config)).to.equal('{}')
  })
})

describe('get of a configuration', () => {
  it('returns what is at a path, groups and items too', async () => {
    const config = await load()
    expect(config.get('database.pool.max')).to.equal(20)
    expect(config.get('database.port')).to.equal(5432)
    expect(config.get('database.pool')).to.deep.equal({ max: 20 })
    expect(config.get('database')).to.equal(config.values.database)
    expect(config.get('tags.1')).to.equal('b')
    expect(config.get('site')?.host).to.equal('db')
  })

  it('returns undefined for what is optional and not set', async () => {
    const config = await load()
    expect(config.get('database.pool.min')).to.equal(undefined)
    expect(config.get('database.replica.port')).to.equal(undefined)
    expect(config.get('labels.any.text')).to.equal(undefined)
    expect(config.get('labels.any')).to.equal(undefined)
    expect(config.get('tags.7')).to.equal(undefined)

    const parts = await loadValues(
      { a: {} },
      { schema: { a: z.object({ b: z.string().optional() }), c: z.object({ d: z.string() }).optional() } },
    )
    expect(parts.get('a.b')).to.equal(undefined)
    expect(parts.get('c')).to.equal(undefined)
    expect(parts.get('c.d')).to.equal(undefined)
  })

  it('knows what schemas with references and unions allow', async () => {
    const node = z.object({
      name: z.string(),
      get next() {
        return node.optional()
      },
    })
    const tree = z.object({
      root: node,
      either: z.union([z.object({ a: z.string().optional() }), z.object({ b: z.string().optional() })]),
    })
    const config = await loadValues({ root: { name: 'a' }, either: {} }, { schema: tree })
    for (const path of ['root.next', 'root.next.next.next.name', 'either.a', 'either.b'])
      expect(config.get(path), path).to.equal(undefined)
    expect(thrownBy(() => config.get('root.next.nxt'))).to.be.instanceOf(ConfigError)
    expect(thrownBy(() => config.get('either.c'))).to.be.instanceOf(ConfigError)
  })

  it('is a ConfigError for any other path, with the nearest one', async () => {
    const config = (await load()) as Config
    for (const [path, message] of Object.entries({
      'database.pool.mx': 'the configuration has no "database.pool.mx", did you mean "database.pool.max"?',
      'database.replica.prot':
        'the configuration has no "database.replica.prot", did you mean "database.replica.port"?',
      'databse.pool.max': 'the configuration has no "databse.pool.max", did you mean "database.pool.max"?',
      'nothing.like.it': 'the configuration has no "nothing.like.it"; in it there is: database, tags, site, labels',
      'database.pool.zzzzzz': 'the configuration has no "database.pool.zzzzzz"; in "database.pool" there is: max, min',
      'database.host.x': 'the configuration has no "database.host.x"; "database.host" is a single value',
      'database.constructor':
        'the configuration has no "database.constructor"; in "database" there is: host, password, replica, pool, port',
      __proto__: 'the configuration has no "__proto__"; in it there is: database, tags, site, labels',
      '': 'the configuration has no ""; in it there is: database, tags, site, labels',
    })) {
      const error = thrownBy(() => config.get(path)) as ConfigError
      expect(error, path).to.be.instanceOf(ConfigError)
      const [start, names] = message.split(' there is: ')
      expect(error.message.split(' there is: ')[0]).to.equal(start)
      if (names !== undefined)
        expect(error.message.split(' there is: ')[1]?.split(', ')).to.have.members(names.split(', '))
      expect(error.failure).to.equal('ERR_TRIBIND_CONFIG_PATH')
    }
  })

  it('is a ConfigError for what is not set where the schema does not tell', async () => {
    const config = await loadValues({ a: { b: 1 } })
    expect(config.get('a.b')).to.equal(1)
    expect((thrownBy(() => config.get('a.c')) as Error).message).to.equal(
      'the configuration has no "a.c"; in "a" there is: b',
    )
    expect((thrownBy(() => config.get(5 as never)) as Error).message).to.equal(
      'a path in the configuration must be a string, got 5',
    )
  })
})

describe('has of a configuration', () => {
  it('tells whether a value is set, by default too', async () => {
    const config = await load()
    const set = ['database', 'database.host', 'database.port', 'tags.0', 'database.replica.host']
    const unset = [
      'database.pool.min',
      'database.nope',
      'tags.2',
      'nope',
      'database.host.length',
      'tags.length',
      'toString',
      '',
    ]
    expect(set.filter((path) => !config.has(path))).to.deep.equal([])
    expect(unset.filter((path) => config.has(path))).to.deep.equal([])
  })
})

describe('with of a configuration', () => {
  it('returns a checked copy', async () => {
    const config = await load({ tags: ['z'] })
    const other = await config.with({ database: { pool: { max: 1 } }, tags: [] })
    expect(other).to.be.instanceOf(Config)
    expect(other.values.database).to.deep.equal({ ...config.values.database, pool: { max: 1 } })
    expect(other.get('tags')).to.deep.equal([])
    expect(config.get('database.pool.max')).to.equal(20)
    expect(config.get('tags')).to.deep.equal(['z'])
    expect((await other.with({ tags: ['y'] })).get('database.pool.max')).to.equal(1)
  })

  it('is a ConfigError for changes that the schema refuses', async () => {
    const config = await load()
    expect(await issuesOf(config.with({ database: { port: 'x' } }))).to.deep.equal([
      { path: 'database.port', source: 'changes', message: 'must be a number, got a string' },
    ])
    for (const wrong of [5, null, [], JSON.parse('{ "__proto__": 1 }')])
      expect(await config.with(wrong as object).catch((error: unknown) => error)).to.be.instanceOf(ConfigError)
  })

  it('stands for the variables that there were', async () => {
    const env: Record<string, string> = { A: '1' }
    const config = await loadValues({ a: '${A}' }, { env })
    env['A'] = '2'
    expect((await config.with({ b: '${A}' })).values).to.deep.equal({ a: '1', b: '1' })
  })
})

describe('describe of a configuration', () => {
  it('lists where each value is from, and never a value', async () => {
    const config = await load({ labels: { a: {}, b: { text: 'x' } } })
    expect(config.describe()).to.have.deep.members([
      { path: 'database.host', source: 'config.yaml:2' },
      { path: 'database.pool.max', source: 'config.yaml:4' },
      { path: 'database.port', source: 'default' },
      { path: 'database.password', source: 'env PASSWORD' },
      { path: 'database.replica.host', source: 'env HOST' },
      { path: 'tags', source: 'config.yaml:5' },
      { path: 'site', source: 'env HOST' },
      { path: 'labels.b.text', source: 'values' },
    ])
    expect(JSON.stringify(config.describe())).to.not.include('hunter2')
    const changed = await config.with({ tags: ['${HOST}', '${PASSWORD}'] })
    expect(changed.describe()).to.deep.include({ path: 'tags', source: 'env HOST, PASSWORD' })
  })

  it('names the variables of .env as well', async () => {
    const config = await loadFiles({ '.env': 'A=1', 'c.toml': '[a]\n\nb = "${A}"\nc = "x"' })
    expect(config.describe()).to.deep.equal([
      { path: 'a.b', source: 'env A' },
      { path: 'a.c', source: 'c.toml:4' },
    ])
  })
})

describe('loadConfig', () => {
  it('takes schemas that are functions, as those of ArkType are', async () => {
    const callable = Object.assign(() => {}, anything)
    expect((await loadConfig({ schema: callable, values: { a: 1 } })).values).to.deep.equal({ a: 1 })
  })
})
