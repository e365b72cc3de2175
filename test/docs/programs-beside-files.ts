import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { promisedOutput } from './run-program.ts'

/**
 * Defines the tests of a page whose programs read files that are on the page, too: each has its path in the paragraph before it.
 *
 * @param kinds those of the blocks that are files, such as `html`
 */
export function testProgramsBesideFiles(page: string, kinds: readonly string[], count: number): void {
  const text = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
  const files = blocks.filter(([, kind]) => kinds.includes(kind as string))
  const programs = blocks.filter(([, kind]) => kind === 'ts').map(([, , code]) => code as string)

  describe(`docs/${page}.md`, function () {
    this.timeout(30_000)
    let folder: string

    before(async () => {
      folder = await mkdtemp(fileURLToPath(new URL(`.${page}-`, import.meta.url)))
      for (const { index, 2: content } of files) {
        const path = join(folder, pathBefore(text.slice(0, index)))
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, content as string)
      }
    })

    after(() => rm(folder, { recursive: true }))

    it('has programs', () => {
      expect(programs).to.have.length(count)
    })

    for (const [i, program] of programs.entries()) {
      it(`has a program ${i + 1} that prints what it says`, async () => {
        const file = join(folder, `program-${i}.ts`)
        await writeFile(file, program)
        const promised = promisedOutput(program)
        expect(promised.stdout).to.not.equal('')
        const env = { ...process.env, LOG_LEVEL: 'warn' }
        const run = promisify(execFile)(process.execPath, ['--import=tsx', file], { env })
        expect(await run).to.deep.equal(promised)
      })
    }
  })
}

/** The last path in the paragraph that a text ends with. */
function pathBefore(text: string): string {
  const paragraph = text.trimEnd().split('\n\n').at(-1) ?? ''
  const path = [...paragraph.matchAll(/`([\w/-]+\.\w+)`/g)].at(-1)?.[1]
  if (path === undefined) throw new Error(`no file is named in: ${paragraph}`)
  return path
}
