import { expect } from 'chai'
import { loadConfig } from 'tribind/config'
import { z } from 'zod'
import { anything, issuesOf, loadFiles, loadValues, refusal, schemaOf } from './config-world.ts'

const database = z.strictObject({
  host: z.string(),
  port: z.number(),
  pool: z.strictObject({ max: z.int().min(1), min: z.number().default(0) }),
  mode: z.enum(['fast', 'safe']).optional(),
  either: z.union([z.string(), z.number()]).optional(),
})
const schema = z.strictObject({ database, tags: z.array(z.strictObject({ name: z.string() })).optional() })

/** One mistake of each kind, in each kind of file. */
const files = {
  'c.yaml': `# the database
database:
  host: 5
  prot: 5432
  port: "5432"
  pool:
    max: 1.5
  mode: slow
  either: true
tags:
  - name: a
  - nmae: b
`,
  'c.toml': `# the database
[database]
host = 5
prot = 5432
port = "5432"

pool.max = 1.5
mode = "slow"
either = true
[[tags]]
name = "a"
[[tags]] # two
nmae = "b"
`,
  'c.json': `{
"database": {
  "host": 5,
  "prot": 5432,
  "port": "5432",
  "pool": {
    "max": 1.5
  }, "mode": "slow",
  "either": true
}, "tags": [
  { "name": "a" },
  { "nmae": "b" }
]
}
`,
}

const expected = (lines: readonly number[], missing = lines.at(-1)) => [
  `:${lines[0]}: "database.host" must be a string, got a number`,
  `:${lines[1]}: "database.prot" is not a known key, did you mean "database.port"?`,
  `:${lines[2]}: "database.port" must be a number, got a string`,
  `:${lines[3]}: "database.pool.max" must be an integer, got a number`,
  `:${lines[4]}: "database.mode": Invalid option: expected one of "fast"|"safe"`,
  `:${lines[5]}: "database.either" must be a string or a number, got true`,
  `:${missing}: "tags.1.name" is required: a string`,
  `:${lines[6]}: "tags.1.nmae" is not a known key, did you mean "tags.1.name"?`,
]

describe('the issues of a configuration', () => {
  for (const [name, lines, missing] of [
    ['c.yaml', [3, 4, 5, 7, 8, 9, 12], 12],
    ['c.toml', [3, 4, 5, 7, 8, 9, 13], 12],
    ['c.json', [3, 4, 5, 7, 8, 9, 12], 12],
  ] as const)
    it(`are all in one error, each with its line: ${name}`, async () => {
      const error = await refusal(loadFiles({ [name]: files[name] }, { schema }))
      expect(error.message.split('\n')).to.deep.equal([
        'the configuration has 8 issues:',
        ...expected(lines, missing).map((line) => `  ${name}${line}`),
      ])
      expect(error).to.include({ code: 'ERR_TRIBIND_CONFIG', failure: 'ERR_TRIBIND_CONFIG_VALUES' })
      expect(error.issues?.[2]).to.deep.equal({
        path: 'database.port',
        source: name,
        line: 5,
        message: 'must be a number, got a string',
      })
      expect(error.issues).to.have.length(8).and.satisfy(Object.isFrozen)
    })

  it('are one line where there is one', async () => {
    const text = `${'\n'.repeat(10)}database:\n  port: abc\n  host: a\n  pool: { max: 1 }`
    const error = await refusal(loadFiles({ 'config.yaml': text }, { schema }))
    expect(error.message).to.equal('config.yaml:12: "database.port" must be a number, got a string')
  })

  it('name the layer that the value is from, in the order of the layers', async () => {
    const layers = {
      'a.yaml': 'database:\n  host: 1\n  port: 1\n  pool: { max: 1 }',
      'b.json': '{ "database": {\n "port": "x" } }',
    }
    const error = await refusal(loadFiles(layers, { schema, values: { database: { pool: { max: 'x' } }, more: 1 } }))
    expect(error.message.split('\n').slice(1)).to.deep.equal([
      '  a.yaml:2: "database.host" must be a string, got a number',
      '  b.json:2: "database.port" must be a number, got a string',
      '  values: "database.pool.max" must be a number, got a string',
      '  values: "more" is not a known key; known keys: database, tags',
    ])
  })

  it('name the nearest line above what is missing', async () => {
    const text = 'tags: []\ndatabase:\n  host: a\n  port: 1\n  pool:\n    min: 1\n'
    const [issue] = await issuesOf(loadFiles({ 'c.yaml': text }, { schema }))
    expect(issue).to.deep.equal({
      path: 'database.pool.max',
      source: 'c.yaml',
      line: 5,
      message: 'is required: a number',
    })
    for (const text of ['tags: []', '', '# nothing'])
      expect(await issuesOf(loadFiles({ 'c.yaml': text }, { schema }))).to.deep.equal([
        { path: 'database', source: 'c.yaml', message: 'is required: an object' },
      ])
    expect(await issuesOf(loadConfig({ schema, env: {} }))).to.deep.equal([
      { path: 'database', source: 'values', message: 'is required: an object' },
    ])
  })

  it('name a file with its folder where another one has its name', async () => {
    const error = await refusal(loadFiles({ 'a/c.yaml': 'a: "${A}"', 'b/c.yaml': 'b: "${B}"' }))
    expect(error.issues?.map(({ source }) => source.split('/').slice(-2).join('/'))).to.deep.equal([
      'a/c.yaml',
      'b/c.yaml',
    ])
  })

  it('do not repeat what a variable that is not set leads to', async () => {
    const text = 'database:\n  host: ${A}\n  port: ${B}\n  pool: { max: "${C:-x}" }'
    const issues = await issuesOf(loadFiles({ 'c.yaml': text }, { schema }))
    expect(issues.map(({ path, line }) => `${path}:${line}`)).to.deep.equal([
      'database.host:2',
      'database.port:3',
      'database.pool.max:4',
    ])
  })

  it('keep the words of the schema where the application chose them', async () => {
    const own = z.object({ port: z.number('must be the port of the database'), name: z.string('Give it a name') })
    const error = await refusal(loadFiles({ 'c.yaml': 'port: x' }, { schema: own }))
    expect(error.message.split('\n').slice(1)).to.deep.equal([
      '  c.yaml: "name": Give it a name',
      '  c.yaml:1: "port" must be the port of the database',
    ])
  })

  it('are at most fifty in the message, and all in the error', async () => {
    const values = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key${i}`, 1]))
    const error = await refusal(loadValues(values, { schema: z.strictObject({}) }))
    expect(error.issues).to.have.length(60)
    expect(error.message.split('\n').slice(-1)).to.deep.equal(['  and 10 more'])
  })

  it('come from schemas that are asynchronous', async () => {
    const slow = z.object({
      name: z.string().refine(async (name) => (await Promise.resolve(name)) !== 'x', 'is taken'),
    })
    expect(await issuesOf(loadValues({ name: 'x' }, { schema: slow }))).to.deep.equal([
      { path: 'name', source: 'values', message: 'is taken' },
    ])
    expect((await loadValues({ name: 'y' }, { schema: slow })).values).to.deep.equal({ name: 'y' })
  })

  it('are no matter of a schema that is not strict', async () => {
    expect((await loadValues({ a: 1, b: 2 }, { schema: z.object({ a: z.number() }) })).values).to.deep.equal({ a: 1 })
  })

  it('name a whole file where a schema refuses all of it', async () => {
    const none = schemaOf(() => ({ issues: [{ message: 'must be something else' }] }))
    expect((await refusal(loadFiles({ 'c.yaml': 'a: 1' }, { schema: none }))).message).to.equal(
      'c.yaml: must be something else',
    )
  })
})

describe('schemas by name', () => {
  const parts = {
    database,
    app: z.object({ name: z.string().default('shop') }),
    extra: z.object({ a: z.string() }).optional(),
  }
  const valid = { database: { host: 'a', port: 1, pool: { max: 1 } } }

  it('check a part each, with the defaults of one that is not there', async () => {
    expect((await loadValues(valid, { schema: parts })).values).to.deep.equal({
      database: { host: 'a', port: 1, pool: { max: 1, min: 0 } },
      app: { name: 'shop' },
      extra: undefined,
    })
  })

  it('have their name in the paths of their issues', async () => {
    const issues = await issuesOf(loadFiles({ 'c.yaml': 'app:\n  name: 5\ndatabase:\n  hots: 1' }, { schema: parts }))
    expect(issues.map(({ path, line }) => `${path}:${line}`)).to.deep.equal([
      'app.name:2',
      'database.host:3',
      'database.port:3',
      'database.pool:3',
      'database.hots:4',
    ])
  })

  it('are strict about names', async () => {
    const [issue] = await issuesOf(loadValues({ ...valid, databse: {} }, { schema: parts }))
    expect(issue).to.deep.equal({
      path: 'databse',
      source: 'values',
      message: 'is not a known key, did you mean "database"?',
    })
  })

  it('name all that is missing in a part that is not there', async () => {
    const issues = await issuesOf(loadValues({}, { schema: { database } }))
    expect(issues.map(({ path }) => path)).to.deep.equal(['database.host', 'database.port', 'database.pool'])
  })
})

describe('issues as other libraries report them', () => {
  // As valibot 1.5 and ArkType 2.2 report them for the values below.
  const valibot = [
    {
      kind: 'schema',
      expected: 'number',
      received: '"x"',
      message: 'Invalid type: Expected number but received "x"',
      path: [{ key: 'port' }],
    },
    {
      kind: 'schema',
      expected: '"host"',
      received: 'undefined',
      message: 'Invalid key: Expected "host" but received undefined',
      path: [{ key: 'host' }],
    },
    {
      kind: 'schema',
      expected: 'never',
      received: '"prot"',
      message: 'Invalid key: Expected never but received "prot"',
      path: [{ key: 'prot' }],
    },
    {
      kind: 'validation',
      expected: '<=10',
      received: '12',
      message: 'Invalid value: Expected <=10 but received 12',
      path: [{ key: 'max' }],
    },
  ]
  const arktype = [
    {
      code: 'domain',
      expected: 'a number',
      problem: 'must be a number (was a string)',
      message: 'port must be a number (was a string)',
      path: ['port'],
    },
    {
      code: 'required',
      expected: 'a string',
      problem: 'must be a string (was missing)',
      message: 'host must be a string (was missing)',
      path: ['host'],
    },
    {
      code: 'predicate',
      expected: 'removed',
      problem: 'must be removed',
      message: 'prot must be removed',
      path: ['prot'],
    },
    {
      code: 'max',
      expected: 'at most 10',
      problem: 'must be at most 10 (was 12)',
      message: 'max must be at most 10 (was 12)',
      path: ['max'],
    },
  ]
  const values = { port: 'x', prot: 1, max: 12 }
  const messagesOf = async (issues: readonly object[]) => {
    const vendor = Object.assign(
      schemaOf(() => ({ issues: issues as never })),
      { entries: { port: anything, host: anything } },
    )
    return (await issuesOf(loadValues(values, { schema: vendor }))).map(({ path, message }) => `${path} ${message}`)
  }

  it('are told in the same words: valibot', async () => {
    expect(await messagesOf(valibot)).to.deep.equal([
      'port must be a number, got a string',
      'host is required',
      'prot is not a known key, did you mean "port"?',
      'max Invalid value: Expected <=10 but received 12',
    ])
  })

  it('are told in the same words: ArkType', async () => {
    expect(await messagesOf(arktype)).to.deep.equal([
      'port must be a number, got a string',
      'host is required: a string',
      'prot is not a known key, did you mean "port"?',
      'max must be at most 10 (was 12)',
    ])
  })
})
