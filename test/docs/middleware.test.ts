import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import * as tribind from 'tribind'
import { promisedOutput, runProgram } from './run-program.ts'

const text = readFileSync(new URL('../../docs/middleware.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^## (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]

/** Runs a block as a module of its own, which imports the package by its name, and gives what it prints. */
async function run(code: string): Promise<string> {
  const file = new URL(`.block-${process.pid}-${Date.now()}.ts`, import.meta.url)
  const { log } = console
  let out = ''
  writeFileSync(file, `${code}\nexport {}\n`)
  console.log = (...values: unknown[]) => (out += `${values.join(' ')}\n`)
  try {
    await import(file.href)
  } finally {
    console.log = log
    rmSync(fileURLToPath(file))
  }
  return out
}

const subsections = [...text.matchAll(/^### (.*)\n[^#]*?```ts\n([\s\S]*?)```/gm)]

describe('docs/middleware.md', () => {
  for (const [, title, code = ''] of subsections) {
    it(`has a program in "${title}" that prints what it says`, async () => {
      const promised = promisedOutput(code)
      expect(promised.stdout).to.not.equal('')
      expect(await runProgram(code)).to.deep.equal(promised)
    })
  }

  for (const [, title, code = ''] of blocks) {
    it(`has a block about ${title} that prints what it says`, async () => {
      const expected = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, line]) => `${line}\n`).join('')
      expect(expected).to.not.equal('')
      expect(await run(code)).to.equal(expected)
    })
  }

  it('has a section with a block for each that is exported', () => {
    const names = ['cors', 'compress', 'securityHeaders', 'requestId', 'basicAuth', 'timeout']
    for (const name of [...names, 'fromConnect', 'fromExpress', 'fixedUsers']) expect(tribind).to.have.property(name)
    expect(blocks.map(([, title]) => title).slice(1)).to.deep.equal(names)
  })

  for (const maker of ['cors', 'compress', 'security-headers', 'request-id', 'basic-auth', 'from-express']) {
    it(`names every option of ${maker}`, () => {
      const source = readFileSync(new URL(`../../lib/middleware/${maker}.ts`, import.meta.url), 'utf8')
      const names = [...source.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
      expect(names).to.not.be.empty
      for (const name of names) expect(text, name).to.match(new RegExp(`\\b${name}\\b`))
    })
  }
})
