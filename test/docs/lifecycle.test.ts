import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { promisedOutput, runProgram } from './run-program.ts'

const text = readFileSync(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^## (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]

describe('docs/lifecycle.md', function () {
  this.timeout(30_000)

  it('has a block in every section', () => {
    expect(blocks).to.have.length(text.split('\n## ').length - 1)
  })

  for (const [, title, block = ''] of blocks) {
    it(`has a block under "${title}" that runs, prints what it says and ends with code 0`, async () => {
      expect(await runProgram(block)).to.deep.equal(promisedOutput(block))
    })
  }
})
