import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const text = await readFile(new URL('../../docs/views.md', import.meta.url), 'utf8')
/** A template has its file's name in the paragraph before it. */
const templates = [...text.matchAll(/`(views\/[^`]+\.eta)`[^`]*(?:`[^`]+`[^`]*)*\n\n```html\n([\s\S]*?)```/g)]
const programs = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string)

describe('docs/views.md', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(fileURLToPath(new URL('.views-', import.meta.url)))
    for (const [, file, content] of templates) {
      await mkdir(dirname(join(folder, file as string)), { recursive: true })
      await writeFile(join(folder, file as string), content as string)
    }
  })

  after(() => rm(folder, { recursive: true }))

  it('names a file for every template, and has programs', () => {
    expect(templates).to.have.length([...text.matchAll(/```html/g)].length)
    expect(programs).to.have.length(2)
  })

  for (const [i, program] of programs.entries()) {
    it(`has a program ${i + 1} that prints what it says`, async () => {
      const file = join(folder, `program-${i}.ts`)
      await writeFile(file, program)
      const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', '--conditions=source', file])
      const expected = [...program.matchAll(/^console\.log\(.*\) \/\/ (.*)/gm)].map(([, line]) => `${line}\n`)
      expect(expected).to.not.be.empty
      expect(stdout).to.equal(expected.join(''))
    })
  }
})
