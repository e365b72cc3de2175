import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as tribind from 'tribind'
import ts from 'typescript'
import { type ErrorCode, failures } from '../../lib/base/error-codes.ts'

const root = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/errors.md', root), 'utf8')
const rows = page.matchAll(/^\| `(ERR_\w+)` \| `(\w+)`/gm)
const documented = new Map([...rows].map(([, code, name]) => [code as string, name as string]))
const files = readdirSync(new URL('lib', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(new URL(`lib/${file}`, root), 'utf8') }))
const sources = files.map(({ text }) => text).join('\n')

describe('the catalogue of error codes', () => {
  it('is documented, code for code', () => {
    expect([...documented.keys()].sort()).to.deep.equal(Object.values(tribind.errorCodes).sort())
  })

  for (const [code, name] of documented) {
    it(`has the class ${name} for ${code}, exported and thrown`, () => {
      expect(Reflect.get(tribind, name)).to.have.property('prototype').that.is.instanceOf(tribind.TribindError)
      const key = Object.entries(tribind.errorCodes).find(([, value]) => value === code)?.[0]
      expect(sources, 'its class carries the code').to.match(new RegExp(`errorCodes\\.${key}\\b`))
      if (name !== 'HttpError')
        expect(sources, 'it is thrown').to.match(new RegExp(`(throw|reject\\(|return) ?new ${name}\\(`))
    })
  }
})

/** The failures of each class, as the page lists them: a heading, then a table. */
function readFailures(): Record<string, Record<string, string>> {
  const sections = page.split(/^### /m).slice(1)
  return Object.fromEntries(
    sections.map((section) => {
      const table = [...section.matchAll(/^\| `(ERR_\w+)` \| (.+) \|$/gm)]
      return [section.slice(0, section.indexOf('\n')), Object.fromEntries(table.map(([, code, when]) => [code, when]))]
    }),
  )
}

interface Creation {
  readonly place: string
  readonly className: string
  readonly text: string
}

/** Where the sources create errors of tribind: `new RouteError(…)`. */
function findCreations({ file, text }: { file: string; text: string }): Creation[] {
  const found: Creation[] = []
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
      const className = node.expression.text
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
      if ([...documented.values()].includes(className))
        found.push({ className, place: `lib/${file}:${line}`, text: node.getText(tree) })
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

describe('the catalogue of failures', () => {
  const familyOf = new Map([...documented].map(([code, name]) => [name, code as ErrorCode]))
  const listed: Partial<Record<ErrorCode, Record<string, string>>> = failures

  it('is documented, code for code and word for word', () => {
    const ofClasses = Object.entries(failures).map(([code, group]) => [documented.get(code), group])
    expect(readFailures()).to.deep.equal(Object.fromEntries(ofClasses))
  })

  it('has each failure once, and each is one that occurs', () => {
    const codes = Object.values(failures).flatMap((group) => Object.keys(group))
    expect(new Set(codes)).to.have.length(codes.length)
    const elsewhere = files.filter(({ file }) => file !== 'base/error-codes.ts').map(({ text }) => text)
    for (const code of codes) expect(elsewhere.join('\n'), code).to.contain(`'${code}'`)
  })

  const folders = new Set(files.flatMap(({ file }) => /^\w+(?=\/)/.exec(file) ?? []))
  for (const folder of folders) {
    const creations = files.filter(({ file }) => file.startsWith(`${folder}/`)).flatMap(findCreations)
    it(`names the failure of each error that lib/${folder} creates, of its own family`, () => {
      for (const { place, className, text } of creations) {
        // Of these, each class has one failure.
        if (className === 'DuplicateRouteError' || className === 'ValidationError') continue
        expect(text, place).to.match(/\bfailure\b/)
        const named = text.match(/(?<=failure: ')ERR_\w+/g) ?? []
        const own = Object.keys(listed[familyOf.get(className) as ErrorCode] ?? {})
        for (const code of named) expect(own, place).to.include(code)
      }
    })
  }
})
