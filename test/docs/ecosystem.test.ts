import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const root = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/ecosystem.md', root), 'utf8')
const folder = new URL('test/ecosystem/', root)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const tests = [...files, '../package/next.ts'].map((name) => readFileSync(new URL(name, folder), 'utf8'))

const rows = [...page.matchAll(/^\| (`.*?) \| (`.*?) \|/gm)].map(([, packages = '', lines = '']) => ({
  packages: codeIn(packages),
  lines: codeIn(lines),
}))

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string)
}

/** Without what formatting adds; some packages are tested by both ways, which `from` stands for there. */
const dense = (code: string) =>
  code.replaceAll(/\s+|,(?=\s*[)\]}])/g, '').replaceAll(/\bfrom(Connect|Express)\(/g, 'from(')

/** What tests use beside the packages that they are about. */
const tools = ['chai', 'pg', 'socket.io-client', 'tribind', 'ws', '@trpc/client']
const toolsOfTelemetry = ['api', 'context-async-hooks', 'core', 'sdk-trace-base'].map(
  (name) => `@opentelemetry/${name}`,
)

/** The packages that tests import, Node's and our own tools apart. */
function importedPackages(): string[] {
  const names = tests.flatMap((test) =>
    [...test.matchAll(/^(?:import|\}) (?!type ).*from '((?:@[^/']+\/)?[^'.:/][^':/]*)[^':]*'$/gm)].map(
      ([, name = '']) => name,
    ),
  )
  return [...new Set(names)].filter((name) => ![...tools, ...toolsOfTelemetry].includes(name))
}

describe('docs/ecosystem.md', () => {
  it('lists the packages that test/ecosystem and test/package/next.ts run, and no others', () => {
    expect([...new Set(rows.flatMap(({ packages }) => packages))].toSorted()).to.deep.equal(
      importedPackages().toSorted(),
    )
  })

  for (const { packages, lines } of rows) {
    it(`has the lines that are tested for ${packages.join(' and ')}`, () => {
      expect(lines).to.not.be.empty
      const source = tests.map(dense).join('')
      for (const line of lines) expect(source, line).to.include(dense(line))
    })
  }
})
