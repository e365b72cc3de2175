import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = readFileSync(new URL('../../docs/streaming.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string)

describe('docs/streaming.md', function () {
  this.timeout(30_000)

  for (const [i, block] of blocks.entries()) {
    it(`has a block ${i + 1} that runs and prints what it says`, async () => {
      const file = fileURLToPath(new URL(`.streaming-${process.pid}-${i}.ts`, import.meta.url))
      writeFileSync(file, block)
      try {
        const run = ['--import=tsx', '--conditions=source', file]
        const { stdout, stderr } = await promisify(execFile)(process.execPath, run, { cwd: root, timeout: 20_000 })
        const expected = [...block.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`).join('')
        expect(stderr).to.equal('')
        expect(stdout).to.equal(expected)
      } finally {
        rmSync(file)
      }
    })
  }

  it('names every option of a WebSocket', () => {
    const options = readFileSync(new URL('../../lib/pipeline/web-socket-options.ts', import.meta.url), 'utf8')
    const names = [...options.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
    expect(names).to.not.be.empty
    for (const name of names) expect(text, name).to.match(new RegExp(`^\\| \`${name}\``, 'm'))
  })
})
