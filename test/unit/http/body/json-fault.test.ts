import { expect } from 'chai'
import fc from 'fast-check'
import { describeJsonFault, findJsonFault } from '../../../../lib/http/body/json-fault.ts'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('describeJsonFault', () => {
  const cases: Record<string, string> = {
    '': 'The body is empty, not JSON',
    ' ': 'The body ends too early, at line 1, column 2',
    '{"a":': 'The body ends too early, at line 1, column 6',
    '"a': 'The body ends too early, at line 1, column 3',
    secret: 'The body is not JSON, at line 1, column 1',
    '{"a": secret}': 'The body is not JSON, at line 1, column 7',
    "{'a': 1}": 'The body is not JSON, at line 1, column 2',
    '{\n  "a": 1,\n  "b": 2,\n}': 'The body is not JSON, at line 4, column 1',
    '\n\n[1 2]': 'The body is not JSON, at line 3, column 4',
    '[1,]': 'The body is not JSON, at line 1, column 4',
    '{"a" 1}': 'The body is not JSON, at line 1, column 6',
    '{"a":1]': 'The body is not JSON, at line 1, column 7',
    '[01]': 'The body is not JSON, at line 1, column 3',
    '[1.]': 'The body is not JSON, at line 1, column 3',
    '[-]': 'The body is not JSON, at line 1, column 2',
    '[tru]': 'The body is not JSON, at line 1, column 2',
    '["a\n"]': 'The body is not JSON, at line 1, column 4',
    '["a\\x"]': 'The body is not JSON, at line 1, column 4',
    '{} {}': 'The body is not JSON, at line 1, column 4',
    '\n': 'The body ends too early, at line 2, column 1',
    '{"__proto__": 1}': 'The body is JSON with a forbidden name: "__proto__", or "constructor" with "prototype" in it',
    '[{"constructor": {"prototype": 1}}]':
      'The body is JSON with a forbidden name: "__proto__", or "constructor" with "prototype" in it',
  }
  for (const [text, message] of Object.entries(cases)) {
    it(`says of ${JSON.stringify(text)}: ${message}`, () => expect(describeJsonFault(text)).to.equal(message))
  }

  it('takes any depth', () => {
    const depth = 1_000_000
    expect(findJsonFault('['.repeat(depth) + ']'.repeat(depth))).to.equal(undefined)
    expect(describeJsonFault('['.repeat(depth))).to.equal(`The body ends too early, at line 1, column ${depth + 1}`)
    expect(describeJsonFault('{"__proto__":'.repeat(depth) + '1' + '}'.repeat(depth))).to.include('forbidden name')
  })

  it('finds a fault in a text of 8 MB in the time that parsing such a text may take', () => {
    for (const text of [`["${'a\\n'.repeat(2_700_000)}`, '[1,'.repeat(2_700_000), `${'\n'.repeat(8_000_000)}x`]) {
      const start = performance.now()
      expect(describeJsonFault(text)).to.match(/^The body (?:ends too early|is not JSON), at line \d+, column \d+$/)
      expect(performance.now() - start).to.be.below(15_000)
    }
  })
})

describe('findJsonFault', () => {
  const mutated = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ' ', '\n', '"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', '.', 't', '\0'),
      fc.nat(2),
    )
    .map(
      ([text, at, piece, removed]) =>
        text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + removed),
    )

  it('finds one just where JSON.parse does not parse', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), mutated, fc.string()), (text) => {
        expect(findJsonFault(text) === undefined).to.equal(isJson(text))
      }),
      { numRuns: 5000 },
    )
  })

  it('finds it in the first token that is wrong: what comes after it makes no difference', () => {
    fc.assert(
      fc.property(mutated, fc.string(), (text, rest) => {
        const at = findJsonFault(text)
        if (at === undefined || at === text.length) return
        expect(findJsonFault(text.slice(0, at))).to.be.oneOf([undefined, at])
        // The kind of a number or literal shows in its next characters.
        if (/[-\dtfn+.eE\\]/.test(text.slice(at, at + 1))) return
        expect(findJsonFault(text.slice(0, at + 1) + rest)).to.equal(at)
      }),
      { numRuns: 5000 },
    )
  })
})
