import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { events } from '../../lib/pipeline/event.ts'

interface LintOverride {
  readonly files: readonly string[]
  readonly rules: {
    readonly 'no-restricted-imports'?: readonly [string, { readonly patterns: readonly { readonly regex: string }[] }]
  }
}

const root = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8')
const lintRules = JSON.parse(readFileSync(new URL('.oxlintrc.json', root), 'utf8')) as {
  readonly overrides: readonly LintOverride[]
}
const foldersIn = (path: string) =>
  readdirSync(new URL(path, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
const sorted = (names: Iterable<string>) => [...names].toSorted()

/** What lint refuses in a folder of lib, as one regular expression. */
function refusedIn(folder: string): RegExp {
  const override = lintRules.overrides.find(({ files }) => files.length === 1 && files[0] === `lib/${folder}/**`)
  const patterns = override?.rules['no-restricted-imports']?.[1].patterns ?? []
  expect(patterns, `rules for lib/${folder}`).to.not.be.empty
  return new RegExp(patterns.map(({ regex }) => regex).join('|'))
}

describe('docs/architecture.md', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([\w, ]+) \|/gm)].map(
    ([, folder, imports]) => [folder as string, imports as string] as const,
  )
  const folders = foldersIn('lib')

  it('lists every folder of lib', () => {
    expect(sorted(rows.map(([folder]) => folder))).to.deep.equal(sorted(folders))
  })

  for (const [folder, imports] of rows) {
    it(`lists for ${folder} what lint lets it import`, () => {
      const refused = refusedIn(folder)
      const allowed = folders.filter((other) => other !== folder && !refused.test(`../${other}/a.ts`))
      expect(sorted(imports === 'nothing' ? [] : imports.split(', '))).to.deep.equal(sorted(allowed))
    })
  }

  it('lists every folder of tests', () => {
    const listed = [...page.matchAll(/^\| `test\/(\w+)` \|/gm)].map(([, name]) => name as string)
    expect(sorted(listed)).to.deep.equal(sorted(foldersIn('test')))
  })
})

describe('docs/draw-architecture.mjs', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tribind-drawings-'))
    await promisify(execFile)(process.execPath, [fileURLToPath(new URL('docs/draw-architecture.mjs', root)), folder])
  })

  after(() => rm(folder, { recursive: true }))

  it('draws what is committed, all of which the page shows', async () => {
    const drawn = readdirSync(folder)
    expect(sorted(drawn)).to.deep.equal(
      sorted([...page.matchAll(/\]\(([\w-]+\.svg)\)/g)].map(([, name]) => name as string)),
    )
    for (const name of drawn) {
      expect(await readFile(join(folder, name), 'utf8'), name).to.equal(
        await readFile(new URL(`docs/${name}`, root), 'utf8'),
      )
    }
  })

  it('draws the events in their order', async () => {
    const drawing = await readFile(join(folder, 'request-flow.svg'), 'utf8')
    const labels = [...drawing.matchAll(/>((?:Before|After)\w+)</g)].map(([, label]) => label)
    expect(labels).to.deep.equal([...events])
  })
})
