import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = readFileSync(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^## (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]

describe('docs/lifecycle.md', function () {
  this.timeout(30_000)

  it('has a block in every section', () => {
    expect(blocks).to.have.length(text.split('\n## ').length - 1)
  })

  for (const [i, [, title, block = '']] of blocks.entries()) {
    it(`has a block under "${title}" that runs, prints what it says and ends with code 0`, async () => {
      const file = fileURLToPath(new URL(`.lifecycle-${process.pid}-${i}.ts`, import.meta.url))
      writeFileSync(file, block)
      try {
        const run = ['--import=tsx', '--conditions=source', file]
        const { stdout, stderr } = await promisify(execFile)(process.execPath, run, { cwd: root, timeout: 20_000 })
        const expected = [...block.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`).join('')
        expect({ stdout, stderr }).to.deep.equal({ stdout: expected, stderr: '' })
      } finally {
        rmSync(file)
      }
    })
  }
})
