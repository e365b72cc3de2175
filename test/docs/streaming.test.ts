import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { promisedOutput, runProgram } from './run-program.ts'

const text = readFileSync(new URL('../../docs/streaming.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string)

describe('docs/streaming.md', function () {
  this.timeout(30_000)

  for (const [i, block] of blocks.entries()) {
    it(`has a block ${i + 1} that runs and prints what it says`, async () => {
      expect(await runProgram(block)).to.deep.equal(promisedOutput(block))
    })
  }

  it('names every option of a WebSocket', () => {
    const options = readFileSync(new URL('../../lib/websocket/web-socket-options.ts', import.meta.url), 'utf8')
    const names = [...options.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
    expect(names).to.not.be.empty
    for (const name of names) expect(text, name).to.match(new RegExp(`^\\| \`${name}\``, 'm'))
  })
})
