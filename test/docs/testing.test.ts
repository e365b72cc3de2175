import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const page = await readFile(new URL('../../docs/testing.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^## (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]
const blockOf = (section: string) => blocks.find(([, title]) => title === section)?.[2] ?? ''

// That the three run, on the packed package, is for test/package/packed.test.ts.
describe('docs/testing.md', () => {
  for (const runner of ['mocha', 'vitest', 'node']) {
    it(`shows the file for ${runner} as it is run`, async () => {
      const file = await readFile(new URL(`../../examples/20-testing/${runner}.test.ts`, import.meta.url), 'utf8')
      expect(blockOf(runner === 'node' ? 'node:test' : runner)).to.equal(file)
    })
  }

  for (const section of ['A client that keeps cookies', 'Waiting for the close events']) {
    it(`has a program in "${section}" that prints what it says`, async () => {
      const program = blockOf(section)
      const file = fileURLToPath(new URL(`.testing-${process.pid}-${section.length}.ts`, import.meta.url))
      await writeFile(file, program)
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--import=tsx',
        '--conditions=source',
        file,
      ]).finally(() => rm(file))
      const expected = [...program.matchAll(/^console\.log\(.*\) \/\/ (.*)/gm)].map(([, line]) => `${line}\n`)
      expect(expected).to.not.be.empty
      expect(stdout).to.equal(expected.join(''))
    })
  }
})
