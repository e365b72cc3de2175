import { expect } from 'chai'
import fc from 'fast-check'
import { stringify } from 'smol-toml'
import { type ConfigNode, findNode, type Path, toPlain } from '../../lib/config/config-node.ts'
import { parseJson } from '../../lib/config/parse-json.ts'
import { parseToml } from '../../lib/config/parse-toml.ts'
import { parseYaml } from '../../lib/config/parse-yaml.ts'

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
const keys = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((key) => !forbidden.has(key))
const { object } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
}))

function parse(
  parser: (text: string, source: string, report: (problem: object) => void) => ConfigNode | undefined,
  text: string,
) {
  const problems: object[] = []
  const node = parser(text, 'file', (problem) => problems.push(problem))
  expect(problems).to.deep.equal([])
  return node
}

/** Lists the paths of all keys, which stand in a line of their own. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, child]) => [[...path, key], ...pathsOf(child, [...path, key])])
}

describe('configuration files of any content', () => {
  it('are read as JSON.parse reads them', () => {
    fc.assert(
      fc.property(fc.oneof(object, fc.double({ noNaN: true, noDefaultInfinity: true })), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const node = parse(parseJson, text)
        expect(node && toPlain(node)).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('are refused where JSON.parse refuses them', () => {
    const tokens = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      'true',
      ' ',
      '\n',
      '"',
      '\\',
      '0',
      '.',
      'e1',
      '\u0001',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 9 }), (parts) => {
        const text = parts.join('')
        const problems: object[] = []
        const node = parseJson(text, 'file', (problem) => problems.push(problem))
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          expect(node === undefined, text).to.equal(true)
          expect(problems.length > 0 || text.trim() === '', text).to.equal(true)
          return
        }
        // But for keys that are there twice.
        if (problems.length === 0) expect(node && toPlain(node)).to.deep.equal(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('have the line of each key', () => {
    fc.assert(
      fc.property(object, (value) => {
        const text = JSON.stringify(value, null, 1)
        const lines = text.split('\n')
        const roots = [parse(parseJson, text), parse(parseYaml, text)] as ConfigNode[]
        for (const path of pathsOf(value).filter(({ length }) => length > 0))
          for (const root of roots) {
            const { node, depth } = findNode(root, path)
            expect(depth).to.equal(path.length)
            expect(lines[(node.line ?? 0) - 1]?.trim().startsWith(JSON.stringify(path.at(-1)))).to.equal(true)
          }
      }),
    )
  })

  it('have the line of each key in TOML', () => {
    const words = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/).filter((key) => !forbidden.has(key))
    const { table } = fc.letrec((tie) => ({
      table: fc.dictionary(
        fc.oneof(
          words,
          keys.filter((key) => key !== ''),
        ),
        fc.oneof(
          { depthSize: 'small' },
          fc.constantFrom('text', 'a = 1\n[b]\n', '"""', "'''", '# x', ']'),
          fc.integer(),
          fc.array(fc.string(), { maxLength: 2 }),
          tie('table'),
          fc.array(tie('table'), { minLength: 1, maxLength: 2 }),
        ),
        { maxKeys: 4 },
      ),
    }))
    fc.assert(
      fc.property(table, (value) => {
        const text = stringify(value)
        const lines = text.split('\n')
        const root = parse(parseToml, text)
        if (root === undefined) throw new Error('nothing was read')
        for (const path of pathsOf(value).filter(({ length }) => length > 0)) {
          const { node, depth } = findNode(root, path)
          expect(depth).to.equal(path.length)
          if (node.kind === 'object' && node.children.size === 0) continue
          const name = path.at(-1) as string
          const line = lines[(node.line ?? 0) - 1] ?? ''
          expect(
            line.includes(name) || line.includes(JSON.stringify(name).slice(1, -1)) || /\\[uU]/.test(line),
            `${path.join('.')} in line ${node.line} of\n${text}`,
          ).to.equal(true)
        }
      }),
    )
  })
})
