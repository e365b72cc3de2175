import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { loadConfig } from 'tribind/config'
import { temporaryFolder } from '../feature/temporary-folder.ts'
import { anything, loadFiles, loadValues, refusal } from './config-world.ts'

const kinds = {
  'config.json': '{ "database": { "port": 5432, "hosts": ["a", "b"] }, "isOn": true, "name": null }',
  'config.jsonc':
    '// the app\n{ "database": { "port": 5432, /* two */ "hosts": ["a", "b",], }, "isOn": true, "name": null }\n',
  'config.yaml': 'database:\n  port: 5432\n  hosts: [a, b]\nisOn: true\nname: null\n',
  'config.yml': 'database: { port: 5432, hosts: [a, b] }\nisOn: true\nname: ~\n',
}

describe('the files of a configuration', () => {
  for (const [name, text] of Object.entries(kinds))
    it(`may be ${name}`, async () => {
      const { values } = await loadFiles({ [name]: text })
      expect(values).to.deep.equal({ database: { port: 5432, hosts: ['a', 'b'] }, isOn: true, name: null })
    })

  it('may be config.toml, with its dates', async () => {
    const text = 'isOn = true\nsince = 2026-11-30T10:00:00Z\n[database]\nport = 5432\nhosts = ["a", "b"]\n'
    const config = await loadFiles({ 'config.toml': text })
    expect(config.get('database')).to.deep.equal({ port: 5432, hosts: ['a', 'b'] })
    expect((config.get('since') as Date).getTime()).to.equal(Date.UTC(2026, 10, 30, 10))
  })

  it('may have their extension in upper case', async () => {
    expect((await loadFiles({ 'CONFIG.JSON': '{"a": 1}' })).values).to.deep.equal({ a: 1 })
  })

  it('may be one path, a file: URL, or an array of both', async () => {
    const folder = temporaryFolder({ 'a.json': '{"a": 1}', 'b.json': '{"b": 2}' })
    const url = pathToFileURL(`${folder}/b.json`)
    expect((await loadConfig({ schema: anything, file: `${folder}/a.json` })).values).to.deep.equal({ a: 1 })
    expect((await loadConfig({ schema: anything, file: url })).values).to.deep.equal({ b: 2 })
    expect((await loadConfig({ schema: anything, file: [`${folder}/a.json`, url] })).values).to.deep.equal({
      a: 1,
      b: 2,
    })
  })

  it('may be none', async () => {
    expect((await loadConfig({ schema: anything })).values).to.deep.equal({})
  })

  it('may be empty, have comments alone, and begin with a byte order mark', async () => {
    const empty = {
      'a.json': '',
      'b.jsonc': '// nothing\n',
      'c.yaml': '# nothing\n',
      'd.toml': '',
      'e.yaml': 'null',
      '.env': '',
    }
    expect((await loadFiles({ ...empty, 'f.json': '\uFEFF{"a": 1}', 'g.yaml': '\uFEFFb: 2' })).values).to.deep.equal({
      a: 1,
      b: 2,
    })
  })

  it('may end their lines as on Windows', async () => {
    const config = await loadFiles({
      'a.yaml': 'a:\r\n  b: 1\r\n',
      'b.jsonc': '{ // one\r\n"c": 2 }',
      '.env': 'X=1\r\n',
    })
    expect(config.values).to.deep.equal({ a: { b: 1 }, c: 2 })
  })
})

describe('the layers of a configuration', () => {
  it('are the files in their order: objects are merged, arrays and everything else replaced', async () => {
    const config = await loadFiles({
      'a.yaml': 'database: { host: a, port: 1, tags: [x, y], pool: { min: 1 } }\nkept: 1\nlist: [1]\nobject: { a: 1 }',
      'b.json':
        '{ "database": { "port": 2, "tags": ["z"], "pool": { "max": 5 } }, "list": { "a": 1 }, "object": null }',
    })
    expect(config.values).to.deep.equal({
      database: { host: 'a', port: 2, tags: ['z'], pool: { min: 1, max: 5 } },
      kept: 1,
      list: { a: 1 },
      object: null,
    })
  })

  const four = { 'a.yaml': 'v: a', 'a.test.yaml': 'v: a-test', 'b.toml': 'v = "b"', 'b.test.toml': 'w = "b-test"' }

  it('are a, a.ENV, b, b.ENV, where there is one for the environment', async () => {
    const order = ['a.yaml', 'b.toml']
    const load = (files: Record<string, string>, environment: string) => loadFiles(files, { order, environment })
    expect((await load(four, 'test')).values).to.deep.equal({ v: 'b', w: 'b-test' })
    expect((await load({ ...four, 'b.toml': '' }, 'test')).values).to.deep.equal({ v: 'a-test', w: 'b-test' })
    expect((await load(four, 'other')).values).to.deep.equal({ v: 'b' })
  })

  it('are those of TRIBIND_ENV, else of NODE_ENV, unless the environment is set', async () => {
    const files = { 'c.yaml': 'v: base', 'c.one.yaml': 'v: one', 'c.two.yaml': 'v: two', 'c.three.yaml': 'v: three' }
    const valueFor = async (env: Record<string, string>, environment?: string) => {
      const options = { order: ['c.yaml'], env, ...(environment !== undefined && { environment }) }
      return (await loadFiles(files, options)).get('v')
    }
    expect(await valueFor({})).to.equal('base')
    expect(await valueFor({ NODE_ENV: 'one' })).to.equal('one')
    expect(await valueFor({ NODE_ENV: 'one', TRIBIND_ENV: 'two' })).to.equal('two')
    expect(await valueFor({ NODE_ENV: 'one', TRIBIND_ENV: '' })).to.equal('one')
    expect(await valueFor({ NODE_ENV: 'one', TRIBIND_ENV: 'two' }, 'three')).to.equal('three')
    expect(await valueFor({ NODE_ENV: 'one' }, '')).to.equal('base')
  })

  it('never come from another folder by the name of an environment', async () => {
    const error = await refusal(loadFiles({ 'c.yaml': '' }, { env: { NODE_ENV: '../../etc/secret' } }))
    expect(error.message)
      .to.match(/^the environment variable NODE_ENV .* letters, digits/)
      .and.not.include('secret')
    const option = await refusal(loadFiles({ 'c.yaml': '' }, { environment: 'a/b' }))
    expect(option.message).to.match(/^loadConfig: option "environment" must be letters/)
  })

  it('end with the values of the code', async () => {
    const config = await loadFiles(
      { 'a.yaml': 'a: { b: 1, c: 2 }\nlist: [1, 2]' },
      { values: { a: { b: 3 }, list: [] } },
    )
    expect(config.values).to.deep.equal({ a: { b: 3, c: 2 }, list: [] })
  })

  it('take values that files cannot have as they are, and leave out those that are undefined', async () => {
    class Store {}
    const [store, call] = [new Store(), () => {}]
    const config = await loadValues({ store, call, unset: undefined, when: new Date(0) })
    expect(config.values).to.deep.equal({ store, call, when: new Date(0) })
    expect(config.get('store')).to.equal(store)
    expect(config.has('unset')).to.equal(false)
  })
})

describe('a .env file', () => {
  it('is no layer: its names add to what ${} stands for', async () => {
    const config = await loadFiles({
      '.env': '# one\nHOST=db\nexport NAME="a b" # two\nEMPTY=\n',
      'a.yaml': 'v: ${HOST}/${NAME}/${EMPTY}/',
    })
    expect(config.values).to.deep.equal({ v: 'db/a b//' })
  })

  it('stands below `env`, and later files above earlier ones', async () => {
    const files = { '.env': 'A=1\nB=1\nC=1', 'more.env': 'B=2\nC=2', 'a.yaml': 'v: "${A}${B}${C}"' }
    expect((await loadFiles(files, { env: { C: '3' } })).get('v')).to.equal('123')
    expect((await loadFiles(files, { env: { C: '', A: undefined } })).get('v')).to.equal('12')
  })

  it('is followed by the one for the environment', async () => {
    const files = {
      '.env': 'A=1\nB=1',
      '.env.test': 'B=2',
      'x.env': 'C=1',
      'x.test.env': 'C=2',
      'a.yaml': 'v: "${A}${B}${C}"',
    }
    const order = ['.env', 'x.env', 'a.yaml']
    expect((await loadFiles(files, { environment: 'test', order })).get('v')).to.equal('122')
    expect(
      (await loadFiles({ ...files, '.env.local': 'A=3' }, { order: ['.env', '.env.local', 'x.env', 'a.yaml'] })).get(
        'v',
      ),
    ).to.equal('311')
  })

  it('may come after the file that uses its names', async () => {
    expect((await loadFiles({ 'a.yaml': 'v: ${HOST}', '.env': 'HOST=db' })).get('v')).to.equal('db')
  })

  it('may have values of several lines, which look like names', async () => {
    const config = await loadFiles({ '.env': 'KEY="-----BEGIN\nA=1\n-----END"\nA=2\n', 'a.yaml': 'v: ${KEY}\nw: ${A}' })
    expect(config.values).to.deep.equal({ v: '-----BEGIN\nA=1\n-----END', w: '2' })
  })

  it('never changes process.env', async () => {
    const before = { ...process.env }
    await loadFiles({ '.env': 'TRIBIND_TEST_NAME=1', 'a.yaml': 'v: ${TRIBIND_TEST_NAME}' })
    expect({ ...process.env }).to.deep.equal(before)
  })
})
