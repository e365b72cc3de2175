import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { bin } from '../cli/tribind.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const text = readFileSync(`${here}/../../docs/command-line.md`, 'utf8')

describe('docs/command-line.md', function () {
  this.timeout(60_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(`${here}/.command-line-`)
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(text) ?? []
    writeFileSync(`${folder}/app.js`, code)
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const [, command = '', output = ''] of text.matchAll(/```console\n\$ (.*)\n([\s\S]*?)```/g))
    it(`prints what it says for ${command}`, async () => {
      expect(output).to.not.equal('')
      expect(await runShell(command, folder)).to.equal(output)
    })
})

/** Returns what a line of a shell prints. */
function runShell(line: string, cwd: string): Promise<string> {
  const script = `tribind() { '${process.execPath}' '${bin}' "$@"; }; ${line}`
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], { cwd, timeout: 30_000 }, (_error, stdout, stderr) => resolve(stdout + stderr))
  })
}
