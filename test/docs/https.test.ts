import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = readFileSync(new URL('../../docs/https.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^## (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]

describe('docs/https.md', function () {
  this.timeout(30_000)

  it('has a program for each of its sections', () => {
    expect(blocks.map(([, title]) => title)).to.deep.equal(['HTTPS', 'HTTP/2', 'Unix sockets'])
  })

  for (const [, title, code = ''] of blocks) {
    it(`has a program about ${title} that prints what it says`, async () => {
      const file = fileURLToPath(new URL(`.https-${process.pid}.ts`, import.meta.url))
      writeFileSync(file, code)
      try {
        const run = ['--import=tsx', '--conditions=source', file]
        const { stdout, stderr } = await promisify(execFile)(process.execPath, run, { cwd: root, timeout: 20_000 })
        const expected = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`).join('')
        expect({ stdout, stderr }).to.deep.equal({ stdout: expected, stderr: '' })
      } finally {
        rmSync(file)
      }
    })
  }

  it('names every option of https', () => {
    const options = readFileSync(new URL('../../lib/entrypoint/https-options.ts', import.meta.url), 'utf8')
    const names = [...options.matchAll(/^ {2}(\w+)\??: .*$/gm)].map(([, name]) => name)
    expect(names).to.include('key').and.include('handshakeTimeout')
    for (const name of names) expect(text, name).to.match(new RegExp(`^\\|.*\`${name}\`.*\\|.*\\|`, 'm'))
  })
})
