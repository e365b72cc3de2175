import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { promisedOutput, runProgram } from './run-program.ts'

for (const page of [
  'administration',
  'chains',
  'commands',
  'context',
  'controllers',
  'cookies',
  'database',
  'declared-endpoints',
  'deployment',
  'database-tests',
  'diagnostics',
  'dynamic-configuration',
  'egress',
  'entry-points',
  'errors',
  'express',
  'files',
  'forwarding',
  'observers',
  'live-routes',
  'openapi',
  'proxies',
  'proxies-raw',
  'requests',
  'responses',
  'routing',
  'sessions',
]) {
  const text = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8')
  // Not every machine has a Redis to connect to.
  const programs = [...text.matchAll(/```ts\n((?!.*'connect-redis')[\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g)]
    .map(([, program = '', block]) => ({ program, block }))
    // Those are run in store-programs.test.ts.
    .filter(({ program }) => !program.includes('_URL ??'))

  describe(`docs/${page}.md`, function () {
    this.timeout(30_000)

    for (const [i, { program, block }] of programs.entries()) {
      it(`has a program ${i + 1} that prints what it says`, async () => {
        const inComments = promisedOutput(program)
        const promised = inComments.stdout === '' ? { ...inComments, stdout: block ?? '' } : inComments
        expect(promised.stdout).to.not.equal('')
        expect(await runProgram(program)).to.deep.equal(promised)
      })
    }
  })
}

describe('docs/diagnostics.md', () => {
  const text = readFileSync(new URL('../../docs/diagnostics.md', import.meta.url), 'utf8')
  const source = readFileSync(new URL('../../lib/observe/diagnostics.ts', import.meta.url), 'utf8')

  it('names every channel', () => {
    const named = (where: string, pattern: RegExp) => [...where.matchAll(pattern)].map(([, name]) => name)
    const channels = named(source, /channel\('([\w.]+)'\)/g)
    expect(channels).to.not.be.empty
    expect(named(text, /^\| `(tribind\.[\w.]+)`/gm)).to.deep.equal(channels)
  })

  it('names every field of what subscribers are given', () => {
    const fields = [...source.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name)
    expect(fields).to.have.length(7)
    for (const field of fields) expect(text, field).to.match(new RegExp(`^\\| .*\`${field}\`.* \\|`, 'm'))
  })
})
