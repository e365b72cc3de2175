import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const text = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
/** A file has its name at the start of the paragraph before it. */
const files = [...text.matchAll(/^`([\w.]+)`[^\n]*:\n\n```yaml\n([\s\S]*?)```/gm)]
/** What a program prints is in its comments, or in the block behind it. */
const programs = [...text.matchAll(/```ts\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g)]

describe('docs/configuration.md', function () {
  this.timeout(30_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(fileURLToPath(new URL('.configuration-', import.meta.url)))
    for (const [, name, content] of files) await writeFile(join(folder, name as string), content as string)
  })

  after(() => rm(folder, { recursive: true }))

  it('names a file for every configuration, and has programs', () => {
    expect(files).to.have.length([...text.matchAll(/```yaml/g)].length)
    expect(programs).to.have.length(5)
  })

  for (const [i, [, program = '', block]] of programs.entries()) {
    it(`has a program ${i + 1} that prints what it says`, async () => {
      const file = join(folder, `program-${i}.ts`)
      await writeFile(file, program)
      const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', file])
      const expected = [...program.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`).join('')
      expect(expected || block).to.be.a('string').and.not.be.empty
      expect(stdout).to.equal(block ?? expected)
    })
  }
})
