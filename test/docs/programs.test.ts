import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))

for (const page of ['context', 'cookies', 'diagnostics', 'files', 'proxies', 'requests', 'sessions']) {
  const text = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8')
  // Not every machine has a Redis to connect to.
  const programs = [...text.matchAll(/```ts\n((?!.*'connect-redis')[\s\S]*?)```/g)].map(([, code]) => code as string)

  describe(`docs/${page}.md`, function () {
    this.timeout(30_000)

    for (const [i, program] of programs.entries()) {
      it(`has a program ${i + 1} that prints what it says`, async () => {
        const file = fileURLToPath(new URL(`.${page}-${process.pid}-${i}.ts`, import.meta.url))
        writeFileSync(file, program)
        try {
          const run = ['--import=tsx', '--conditions=source', file]
          const { stdout, stderr } = await promisify(execFile)(process.execPath, run, { cwd: root, timeout: 20_000 })
          const expected = [...program.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`)
          expect(expected).to.not.be.empty
          expect({ stderr, stdout }).to.deep.equal({ stderr: '', stdout: expected.join('') })
        } finally {
          rmSync(file)
        }
      })
    }
  })
}

describe('docs/diagnostics.md', () => {
  const text = readFileSync(new URL('../../docs/diagnostics.md', import.meta.url), 'utf8')
  const source = readFileSync(new URL('../../lib/pipeline/diagnostics.ts', import.meta.url), 'utf8')

  it('names every channel', () => {
    const named = (where: string, pattern: RegExp) => [...where.matchAll(pattern)].map(([, name]) => name)
    const channels = named(source, /channel\('([\w.]+)'\)/g)
    expect(channels).to.not.be.empty
    expect(named(text, /^\| `(tribind\.[\w.]+)`/gm)).to.deep.equal(channels)
  })

  it('names every field of what subscribers are given', () => {
    const fields = [...source.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name)
    expect(fields).to.have.length(5)
    for (const field of fields) expect(text, field).to.match(new RegExp(`^\\| .*\`${field}\`.* \\|`, 'm'))
  })
})
