import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const text = readFileSync(new URL('../../docs/express.md', import.meta.url), 'utf8')
const block = (kind: string) => new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? ''

/** Asks the program for Express what the one for tribind is asked by `inject`. */
const questions = `const server = app.listen(0, '127.0.0.1', async () => {
  const ask = (path, options) => fetch('http://127.0.0.1:' + server.address().port + path, { redirect: 'manual', ...options })
  console.log(await (await ask('/books/7')).text())
  const headers = { 'content-type': 'application/json' }
  const created = await ask('/books', { method: 'POST', headers, body: JSON.stringify({ title: 'Emma' }) })
  console.log(created.status, await created.text(), created.headers.get('x-shop'))
  console.log((await ask('/old')).headers.get('location'))
  server.close()
})`

describe('docs/express.md', () => {
  it('has a program for Express that answers as the one for tribind does', async () => {
    const file = fileURLToPath(new URL(`.express-${process.pid}.mjs`, import.meta.url))
    const promised = [...block('ts').matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`)
    expect(promised).to.have.length(3)
    expect(block('js')).to.include('app.listen(8199)')
    await writeFile(
      file,
      block('js').replace('app.listen(8199)', () => questions),
    )
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [file])
      expect(stdout).to.equal(promised.join(''))
    } finally {
      await rm(file)
    }
  }).timeout(30_000)
})
