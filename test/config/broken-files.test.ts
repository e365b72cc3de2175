import { chmodSync, mkdirSync } from 'node:fs'
import { expect } from 'chai'
import { ConfigError } from 'tribind'
import { loadConfig } from 'tribind/config'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { anything, issuesOf, loadFiles, loadValues, refusal } from './config-world.ts'

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
for (let i = 0; i < 8; i++) {
  const [one, next] = ['abcdefgh'[i], 'bcdefghi'[i]]
  bomb.push(`${next}: &${next} [${Array.from({ length: 10 }, () => `*${one}`).join(', ')}]`)
}
const deep = 100_000

/** What is wrong with a file, as the message has it. */
const broken: Record<string, readonly [name: string, text: string | Buffer, message: string | RegExp]> = {
  'a key that is there twice in JSON': [
    'c.json',
    '{\n"a": 1,\n"b": { "a": 2 },\n"a": 3 }',
    'c.json:4: the key "a" is there twice, first on line 2',
  ],
  'a key that is there twice in JSON with comments': [
    'c.jsonc',
    '{ "a": 1, // one\n"\\u0061": 3 }',
    'c.jsonc:2: the key "a" is there twice, first on line 1',
  ],
  'a key that is there twice in YAML': [
    'c.yaml',
    'b:\n  a: 1\n  c: 2\n  a: 3\n',
    'c.yaml:4: the key "a" is there twice, first on line 2',
  ],
  'a key that is there twice in TOML': ['c.toml', '[b]\na = 1\n\na = 2\n', /^c\.toml:4: .*redefine/],
  'a name that is there twice in .env': [
    '.env',
    'A=1\n# x\nexport A=2\n',
    '.env:3: the key "A" is there twice, first on line 1',
  ],
  'the key __proto__ in JSON': [
    'c.json',
    '{ "a":\n{ "__proto__": { "b": 1 } } }',
    'c.json:2: the key "__proto__" is not allowed',
  ],
  'the key constructor in JSON': ['c.json', '{ "constructor": 1 }', 'c.json:1: the key "constructor" is not allowed'],
  'the key __proto__ in YAML': ['c.yaml', 'a: 1\n__proto__: { b: 1 }', 'c.yaml:2: the key "__proto__" is not allowed'],
  'the key prototype in YAML': ['c.yml', 'a: [ { prototype: 1 } ]', 'c.yml:1: the key "prototype" is not allowed'],
  'the key __proto__ in TOML': [
    'c.toml',
    '[a]\n"__proto__" = { b = 1 }',
    'c.toml:2: the key "__proto__" is not allowed',
  ],
  'the name __proto__ in .env': ['.env', '__proto__=1', '.env:1: the key "__proto__" is not allowed'],
  'aliases that stand for too much': ['c.yaml', bomb.join('\n'), 'c.yaml:4: aliases stand for more than 10,000 values'],
  'an alias without an anchor': ['c.yaml', 'a: 1\nb: *nope', 'c.yaml:2: there is no "&nope" before "*nope"'],
  'an alias within its own anchor': ['c.yaml', 'a: &a\n  - *a', 'c.yaml:2: there is no "&a" before "*a"'],
  'a merge key of something else': [
    'c.yaml',
    'a: 1\n<<: 5',
    'c.yaml:2: the key "<<" must name an object, or an array of objects',
  ],
  'a key that is no text': ['c.yaml', 'a: 1\n? [b]\n: 2', 'c.yaml:2: a key must be a text'],
  'an unknown tag': ['c.yaml', 'a: 1\nb: !!js/function "x"', /^c\.yaml:2: Unresolved tag/],
  'several documents': ['c.yaml', 'a: 1\n---\nb: 1', /^c\.yaml:2: a second document begins here: a file has one/],
  'YAML that is wrong': ['c.yaml', 'a: 1\nb: [1, 2\nc: 3', /^(?:the configuration has \d issues:\n {2})?c\.yaml:\d: /],
  'TOML that is wrong': ['c.toml', 'a = 1\nb = hunter2\n', /^c\.toml:2: (?!.*hunter2)/],
  'JSON that is wrong': ['c.json', '{\n"a": 1\n"b": 2 }', 'c.json:3: expected "," or "}", got "\\""'],
  'JSON without a value': ['c.json', '{\n"a": }', 'c.json:2: expected a value, got "}"'],
  'JSON without an end': ['c.json', '{\n"a": [1,\n2\n', 'c.json:4: expected "," or "]", got the end of the file'],
  'JSON with a text without an end': ['c.json', '{\n"a": "b\n', 'c.json:2: expected a value, got "\\""'],
  'JSON with a key without quotes': ['c.json', '{ a: 1 }', 'c.json:1: expected a key in double quotes, got "a"'],
  'JSON with something behind it': ['c.json', '{ "a": 1 }\n}', 'c.json:2: expected the end of the file, got "}"'],
  'JSON with a number that is none': ['c.json', '{ "a": 01 }', 'c.json:1: expected "," or "}", got "1"'],
  'a comment in JSON': [
    'c.json',
    '{\n// one\n"a": 1 }',
    'c.json:2: a comment is not allowed in JSON: end the name of the file in .jsonc',
  ],
  'a comma too many in JSON': ['c.json', '{\n"a": 1,\n}', 'c.json:2: a comma before "}" is not allowed in JSON'],
  'a line that is none in .env': [
    '.env',
    'A=1\n\nhunter2\n',
    '.env:3: expected NAME=value, or a comment that begins with #',
  ],
  'JSON that is nested too deeply': [
    'c.json',
    '['.repeat(deep),
    'c.json:1: more than 100 objects and arrays are nested',
  ],
  'YAML that is nested too deeply': [
    'c.yaml',
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
    /^c\.yaml(?::1)?: more than 100 objects and arrays are nested/,
  ],
  'TOML that is nested too deeply': [
    'c.toml',
    `a = ${'['.repeat(5000)}${']'.repeat(5000)}`,
    /^c\.toml(?::1)?: more than 100 objects and arrays are nested|nest/,
  ],
  'an array instead of an object': ['c.json', '[1]', 'c.json: must be an object, got an array'],
  'a text instead of an object': ['c.yaml', 'just a text', 'c.yaml: must be an object, got a single value'],
  'what is not a text': ['c.yaml', Buffer.from('a: \xff', 'latin1'), /^c\.yaml: .*c\.yaml is not a text in UTF-8$/],
  'more than 1 MiB': ['c.yaml', `a: ${'x'.repeat(1024 * 1024 - 2)}`, /^c\.yaml: .*c\.yaml is larger than 1 MiB$/],
}

describe('a configuration file is refused for', () => {
  for (const [what, [name, text, message]] of Object.entries(broken))
    it(what, async () => {
      const error = await refusal(loadFiles({ [name]: text }))
      if (typeof message === 'string') expect(error.message).to.equal(message)
      else expect(error.message).to.match(message)
      expect(error.failure).to.equal('ERR_TRIBIND_CONFIG_FILE')
      expect(error.issues?.[0]).to.include({ path: '', source: name })
    }).timeout(60_000)

  it('being missing', async () => {
    const folder = temporaryFolder({})
    const error = await refusal(loadConfig({ schema: anything, file: [`${folder}/a.yaml`, `${folder}/.env`] }))
    expect(error.message.split('\n')).to.deep.equal([
      'the configuration has 2 issues:',
      `  a.yaml: ${folder}/a.yaml does not exist`,
      `  .env: ${folder}/.env does not exist`,
    ])
    expect(error.failure).to.equal('ERR_TRIBIND_CONFIG_FILE')
  })

  it('being a folder, or not readable', async () => {
    const folder = temporaryFolder({ 'b.yaml': '' })
    mkdirSync(`${folder}/a.yaml`)
    const load = (name: string) => loadConfig({ schema: anything, file: `${folder}/${name}` })
    expect((await refusal(load('a.yaml'))).message).to.match(/a\.yaml is not a file$/)
    expect((await refusal(load('b.yaml/c.yaml'))).message).to.match(/c\.yaml does not exist$/)
    chmodSync(`${folder}/b.yaml`, 0)
    if (process.getuid?.() === 0) return
    expect((await refusal(load('b.yaml'))).message).to.match(/b\.yaml cannot be read: permission denied$/)
  })

  it('being of another kind', async () => {
    for (const name of ['config.ini', 'config', 'config.js', 'a.yaml.bak']) {
      const error = await refusal(loadFiles({ 'a.yaml': '', [name]: '' }))
      expect(error.message).to.include(
        `${name}" is of no kind that can be read: there are .json, .jsonc, .yaml, .yml, .toml, .env`,
      )
    }
  })

  it('what is wrong with one for the environment', async () => {
    const files = { 'c.json': '{}', 'c.test.json': '{' }
    const [issue] = await issuesOf(loadFiles(files, { order: ['c.json'], environment: 'test' }))
    expect(issue).to.include({ source: 'c.test.json', line: 1 })
  })

  it('each thing that is wrong with any of the files', async () => {
    const issues = await issuesOf(
      loadFiles({ 'a.json': '{ "a": 1, "a": 2,\n"__proto__": 1 }', 'b.yaml': 'a: [', 'c.toml': 'a' }),
    )
    expect(issues.map(({ source, line }) => `${source}:${line}`)).to.include.ordered.members([
      'a.json:1',
      'a.json:2',
      'b.yaml:1',
      'c.toml:1',
    ])
  })
})

describe('a configuration file may have', () => {
  it('1 MiB', async () => {
    const config = await loadFiles({ 'c.json': `{"a":"${'x'.repeat(1024 * 1024 - 8)}"}` })
    expect(config.get('a')).to.have.length(1024 * 1024 - 8)
  })

  it('aliases and merge keys', async () => {
    const text =
      'base: &base { a: 1, b: 2, c: { d: 1 } }\nmore: &more { e: 5, b: 9 }\none: { b: 3, <<: *base }\ntwo: { <<: [*base, *more] }\nlist: [*base]'
    const { values } = await loadFiles({ 'c.yaml': text })
    expect(values).to.deep.include({
      one: { a: 1, b: 3, c: { d: 1 } },
      two: { a: 1, b: 2, c: { d: 1 }, e: 5 },
      list: [{ a: 1, b: 2, c: { d: 1 } }],
    })
  })

  it('100 objects in each other', async () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    await loadFiles({ 'c.json': nested(100) })
    expect(await issuesOf(loadFiles({ 'c.json': nested(101) }))).to.have.length(1)
  })
})

describe('the values of the code are refused for', () => {
  it('a forbidden key, and an object in itself', async () => {
    const values = JSON.parse('{ "a": { "__proto__": 1 } }') as object
    expect((await refusal(loadValues(values))).message).to.equal('values: the key "__proto__" is not allowed')
    const loop: Record<string, unknown> = {}
    loop['loop'] = { loop }
    expect((await refusal(loadValues(loop))).message).to.equal('values: more than 100 objects and arrays are nested')
    expect(({} as Record<string, unknown>)['b']).to.equal(undefined)
  })
})

describe('an option of loadConfig', () => {
  for (const [option, message] of [
    [{ schema: {} }, 'option "schema" must be a Standard Schema, or an object of such by name'],
    [{ schema: { a: anything, b: {} } }, 'option "schema" must be'],
    [{}, 'option "schema" is required'],
    [{ schema: anything, file: 5 }, 'option "file" must be a path'],
    [{ schema: anything, file: new URL('http://a.com/c.yaml') }, 'option "file" must be a path'],
    [{ schema: anything, env: { A: 5 } }, 'option "env" must be an object of strings'],
    [{ schema: anything, values: 5 }, 'option "values" must be an object'],
    [{ schema: anything, files: 'a.yaml' }, 'unknown option "files": write them in "file"'],
  ] as const)
    it(`is refused: ${JSON.stringify(option)}`, async () => {
      const error = await refusal(loadConfig(option as never))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(`loadConfig: ${message}`)
      expect(error.issues).to.equal(undefined)
    })
})
