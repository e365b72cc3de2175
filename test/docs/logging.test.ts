import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { runProgram } from './run-program.ts'

const text = readFileSync(new URL('../../docs/logging.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g)]

/** The records of some lines, with their names in order; what differs from run to run is left out. */
function recordsOf(lines: string): unknown[] {
  const vary = new Set(['time', 'ms', 'requestId', 'pid', 'hostname', 'stack'])
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:0'))
    .map((line) => JSON.parse(line, (name, value: unknown) => (vary.has(name) ? typeof value : value)) as unknown)
}

describe('docs/logging.md', () => {
  it('has a block in every section that has something to run', () => {
    expect(blocks).to.have.length(5)
    expect(text.match(/```ts/g)).to.have.length(5)
  })

  for (const [i, [, code = '', lines = '']] of blocks.entries()) {
    it(`has a block ${i + 1} that writes what it says`, async () => {
      const { stdout, stderr } = await runProgram(code, 'info')
      const written = recordsOf(stdout + stderr)
      expect(written).to.deep.equal(recordsOf(lines))
      expect(written.map((record) => Object.keys(record as object))).to.deep.equal(
        recordsOf(lines).map((record) => Object.keys(record as object)),
      )
    }).timeout(20_000)
  }
})
