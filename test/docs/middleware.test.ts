import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import * as tribind from 'tribind'
import { parse } from 'yaml'
import { callUntyped } from '../feature/both-ways.ts'
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

/** What data says, as code says it: data has names where code has functions. */
function inCode(kind: string, options: Record<string, unknown>): unknown {
  if (kind === 'errorPages') return { ...options, service: () => 'page' }
  return kind === 'chain' ? [() => {}] : options
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
    const names =
      `cors compress securityHeaders requestId basicAuth bearerAuth timeout bodyLimit rateLimit inFlight retry
      circuitBreaker ipAllow ipDeny redirect redirectToHttps etag csrf addPrefix stripPrefix replacePath headers errorPages forwardAuth chain`.split(
        /\s+/,
      )
    for (const name of [...names, 'fromConnect', 'fromExpress', 'fixedUsers', 'hashPassword'])
      expect(tribind).to.have.property(name)
    expect(blocks.map(([, title]) => title).slice(1)).to.deep.equal(names)
  })

  const makers =
    `cors compress security-headers request-id basic-auth bearer-auth redirect-to-https etag csrf from-express rate-limit in-flight
    retry circuit-breaker redirect error-pages forward-auth`.split(/\s+/)
  for (const maker of makers) {
    it(`names every option of ${maker}`, () => {
      const source = readFileSync(new URL(`../../lib/middleware/${maker}.ts`, import.meta.url), 'utf8')
      const options = /^export interface \w+Options \{$[\s\S]*?^\}/m.exec(source)?.[0] ?? ''
      const names = [...options.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name)
      expect(names).to.not.be.empty
      for (const name of names) expect(text, name).to.match(new RegExp(`\\b${name}\\b`))
    })
  }

  for (const [, yaml = ''] of text.matchAll(/```yaml\n([\s\S]*?)```/g)) {
    it(`has an example in YAML with options that are taken: ${yaml.split('\n')[1]?.trim()}`, () => {
      const { middlewares } = parse(yaml) as { middlewares: Record<string, Record<string, unknown>> }
      for (const [kind, options] of Object.values(middlewares).flatMap(Object.entries)) {
        const given = inCode(kind, options)
        expect(callUntyped(tribind, kind, given), kind).to.be.a('function')
      }
    })
  }
})
