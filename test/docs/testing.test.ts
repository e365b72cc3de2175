import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { promisedOutput, runProgram } from './run-program.ts'

const page = await readFile(new URL('../../docs/testing.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^## (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]
const blockOf = (section: string) => blocks.find(([, title]) => title === section)?.[2] ?? ''

const programs = [
  'A client that keeps cookies',
  'WebSockets',
  'Event streams',
  'supertest',
  'Waiting for the close events',
]

// That the three run, on the packed package, is for test/package/packed.test.ts.
describe('docs/testing.md', () => {
  for (const runner of ['mocha', 'vitest', 'node']) {
    it(`shows the file for ${runner} as it is run`, async () => {
      const file = await readFile(new URL(`../../examples/20-testing/${runner}.test.ts`, import.meta.url), 'utf8')
      expect(blockOf(runner === 'node' ? 'node:test' : runner)).to.equal(file)
    })
  }

  for (const section of programs) {
    it(`has a program in "${section}" that prints what it says`, async () => {
      const program = blockOf(section)
      const promised = promisedOutput(program)
      expect(promised.stdout).to.not.equal('')
      expect(await runProgram(program)).to.deep.equal(promised)
    })
  }
})
