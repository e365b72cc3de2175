import { expect } from 'chai'
import { loadConfig } from 'tribind/config'
import { z } from 'zod'
import { anything, issuesOf, loadFiles, loadValues, schemaOf } from './config-world.ts'

const env = {
  HOST: 'db',
  PORT: '5432',
  EMPTY: '',
  NESTED: '${HOST}',
  IS_ON: 'true',
  BIG: '12345678901234567890',
  HEX: '0x10',
}
const valueOf = async (text: string) => (await loadValues({ v: text }, { env })).get('v')

describe('a variable in a text', () => {
  for (const [text, value] of Object.entries({
    '${HOST}': 'db',
    'http://${HOST}:${PORT}/x': 'http://db:5432/x',
    '${NOPE:-local}': 'local',
    '${EMPTY:-local}': 'local',
    '${HOST:-local}': 'db',
    '[${EMPTY}]': '[]',
    '[${NOPE:-}]': '[]',
    '$${HOST}': '${HOST}',
    'a $${HOST} and ${HOST}': 'a ${HOST} and db',
    '$$${HOST}': '$${HOST}',
    'cost: $5 {HOST} $HOST }': 'cost: $5 {HOST} $HOST }',
    '${NESTED}': '${HOST}',
    '${NESTED}-${NESTED:-x}': '${HOST}-${HOST}',
    '${NOPE:-${HOST}}': 'db',
    '${NOPE:-${EMPTY:-a}-${PORT}}!': 'a-5432!',
    '${HOST:-${NOPE}}': 'db',
    '${NOPE:-a:-b}': 'a:-b',
    '${NOPE:-$${x}}': '${x}',
    '${NOPE:-}}': '}',
  }))
    it(`stands for its value: ${text}`, async () => {
      expect(await valueOf(text)).to.equal(value)
    })

  it('is replaced in arrays and in every kind of file, but not in keys', async () => {
    const config = await loadFiles(
      {
        'a.yaml': 'yaml: { list: ["${HOST}", { a: "x${HOST}" }] }\n"${HOST}": 1',
        'b.toml': 'toml = ["${HOST}"]',
        'c.json': '{ "json": "${HOST}" }',
      },
      { env },
    )
    expect(config.values).to.deep.equal({
      yaml: { list: ['db', { a: 'xdb' }] },
      '${HOST}': 1,
      toml: ['db'],
      json: 'db',
    })
  })

  it('is one of process.env by default', async () => {
    const { values } = await loadConfig({ schema: anything, values: { v: '${PATH}' } })
    expect(values).to.deep.equal({ v: process.env['PATH'] })
  })

  it('is not one that env inherits', async () => {
    const [issue] = await issuesOf(loadValues({ v: '${toString}' }, { env }))
    expect(issue?.message).to.include('toString')
  })

  it('is an issue where it is not set and has no default', async () => {
    const issues = await issuesOf(loadFiles({ 'a.yaml': 'a: ok\nb:\n  c: "${ONE}"\nd: ["x${TWO}${THREE}"]' }))
    expect(issues).to.deep.equal([
      {
        path: 'b.c',
        source: 'a.yaml',
        line: 3,
        message: 'needs the environment variable ONE, which is not set: set it, or write a default, ${ONE:-default}',
      },
      {
        path: 'd.0',
        source: 'a.yaml',
        line: 4,
        message:
          'needs the environment variables TWO, THREE, which are not set: set them, or write defaults such as ${TWO:-default}',
      },
    ])
  })

  for (const text of [
    '${}',
    '${HOST',
    '${HOST:-x',
    '${a.b}',
    '${HOST-x}',
    '${HOST:?x}',
    '${ HOST }',
    '${5}',
    '${NOPE:-${}}',
  ])
    it(`is an issue where it has no end or another form: ${text}`, async () => {
      const [issue, more] = await issuesOf(loadValues({ v: text }, { env }))
      expect(issue?.path).to.equal('v')
      expect(issue?.message).to.include('write $${ for a plain ${')
      expect(more).to.equal(undefined)
    })

  it('does not keep the process busy, however it is nested', async () => {
    const issues = await issuesOf(
      loadValues({ v: '${A:-'.repeat(100_000), w: '${A:-}' + '}$'.repeat(100_000) + ' ${B}' }),
    )
    expect(issues).to.have.length(2)
  })
})

describe('a value that is one whole ${…}', () => {
  const schema = z.object({
    port: z.number(),
    isOn: z.boolean(),
    ratio: z.number().optional(),
    name: z.string(),
    either: z.union([z.string(), z.number()]).optional(),
    list: z.array(z.number()).optional(),
  })
  const load = (values: object) => loadConfig({ schema, env, values })

  it('becomes a number or a truth value where the schema asks for one, by default too', async () => {
    const values = { port: '${PORT}', isOn: '${IS_ON}', name: '${PORT}', either: '${PORT}', list: ['${PORT}', 1] }
    expect((await load(values)).values).to.deep.equal({
      port: 5432,
      isOn: true,
      name: '5432',
      either: '5432',
      list: [5432, 1],
    })
    const byDefault = { port: '${NOPE:-80}', isOn: '${NOPE:-false}', ratio: '${NOPE:--1.5e2}', name: 'x' }
    expect((await load(byDefault)).values).to.deep.equal({ port: 80, isOn: false, ratio: -150, name: 'x' })
  })

  it('does not where it is more than that, or no number', async () => {
    const refused = async (port: string) =>
      (await issuesOf(load({ port, isOn: true, name: '' }))).map(({ path }) => path)
    for (const port of ['8080', '1${PORT}', '${PORT} ', '${HOST}', '${EMPTY}', '${BIG}', '${HEX}', '${IS_ON}'])
      expect(await refused(port), port).to.deep.equal(['port'])
  })

  it('is refused as empty where it is', async () => {
    const [issue] = await issuesOf(load({ port: '${EMPTY}', isOn: true, name: '' }))
    expect(issue?.message).to.equal('must be a number, got an empty string (from the environment variable EMPTY)')
  })

  it('is refused for what is wrong with the number, or with the text where that is asked for', async () => {
    const limits = z.object({
      port: z.number().max(10),
      name: z.string().min(8),
      either: z.string().or(z.number().max(3)),
    })
    const issues = await issuesOf(
      loadConfig({ schema: limits, env, values: { port: '${PORT}', name: '${PORT}', either: 5 } }),
    )
    expect(issues.map(({ path, message }) => `${path}: ${message}`)).to.deep.equal([
      'port: Too big: expected number to be <=10 (from the environment variable PORT)',
      'name: Too small: expected string to have >=8 characters (from the environment variable PORT)',
      'either: Too big: expected number to be <=3',
    ])
  })

  it('becomes one where only the JSON Schema tells, and where the schema would make another of the text', async () => {
    const types = {
      port: { type: 'integer' },
      flags: { type: 'array', items: { type: ['boolean', 'null'] } },
      name: {},
    }
    const told = Object.assign(schemaOf((value) => ({ value })))
    const jsonSchema = { input: () => ({ type: 'object', properties: types }), output: () => ({}) }
    Object.assign(told['~standard'], { jsonSchema })
    const values = { port: '${PORT}', flags: ['${IS_ON}', '${PORT}'], name: '${PORT}' }
    expect((await loadConfig({ schema: told, env, values })).values).to.deep.equal({
      port: 5432,
      flags: [true, '5432'],
      name: '5432',
    })

    const coercing = z.object({ isOn: z.coerce.boolean(), port: z.coerce.number() })
    const coerced = { isOn: '${NOPE:-false}', port: '${PORT}' }
    expect((await loadConfig({ schema: coercing, env, values: coerced })).values).to.deep.equal({
      isOn: false,
      port: 5432,
    })
  })

  it('is no number as a truth value, even where the schema would make one of that', async () => {
    const coercing = z.object({ port: z.coerce.number(), day: z.coerce.date() })
    const issues = await issuesOf(loadConfig({ schema: coercing, env, values: { port: '${IS_ON}', day: '${IS_ON}' } }))
    expect(issues.map(({ path }) => path)).to.deep.equal(['port', 'day'])
  })

  it('becomes one beside an unknown key, in a union, and in a schema that tells one issue at a time', async () => {
    const strict = z.strictObject({ port: z.number(), pin: z.string() })
    const issues = await issuesOf(
      loadConfig({ schema: strict, env, values: { port: '${PORT}', pin: '${PORT}', x: 1 } }),
    )
    expect(issues.map(({ path }) => path)).to.deep.equal(['x'])

    const union = z.object({ db: z.union([z.object({ file: z.string() }), z.object({ port: z.number() })]) })
    expect((await loadConfig({ schema: union, env, values: { db: { port: '${PORT}' } } })).values).to.deep.equal({
      db: { port: 5432 },
    })

    const slow = schemaOf(async (value) => {
      const wrong = Object.entries(value as object).find(([, one]) => typeof one !== 'number')
      await Promise.resolve()
      return wrong === undefined ? { value } : { issues: [{ message: 'no number', path: [{ key: wrong[0] }] }] }
    })
    const values = { a: '${PORT}', b: '${PORT}', c: '${PORT}' }
    expect((await loadConfig({ schema: slow, env, values })).values).to.deep.equal({ a: 5432, b: 5432, c: 5432 })
  })

  it('stays a text where the schema does not say what it wants', async () => {
    expect((await loadValues({ v: '${PORT}' }, { env })).values).to.deep.equal({ v: '5432' })
  })
})
