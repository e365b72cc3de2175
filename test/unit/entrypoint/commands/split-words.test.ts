import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import fc from 'fast-check'
import { isForShell, splitWords } from '../../../../lib/entrypoint/commands/split-words.ts'

/** The words of a text as a real shell passes them to a program, each ended by NUL. */
function splitByShell(text: string): string[] {
  const script = `show() { for word do printf '%s\\0' "$word"; done; }; show ${text}`
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

const cases: readonly [text: string, words: readonly string[]][] = [
  ['', []],
  [' \t\n ', []],
  ['echo', ['echo']],
  ['  echo \t a  b ', ['echo', 'a', 'b']],
  [String.raw`'a b' "c d"`, ['a b', 'c d']],
  [String.raw`a'b'"c"d`, ['abcd']],
  [String.raw`'' ""`, ['', '']],
  [String.raw`'a\b"c' "d'e"`, [String.raw`a\b"c`, `d'e`]],
  [String.raw`a\ b \'c \"d \\`, ['a b', `'c`, `"d`, '\\']],
  ['"\\$ \\" \\\\ \\a \\\' \\`"', ['$ " \\ \\a \\\' `']],
  ['a\\\nb "c\\\nd" \\\n e', ['ab', 'cd', 'e']],
  ["'a\nb'", ['a\nb']],
  ['é "😀 \\é" \\😀', ['é', '😀 \\é', '😀']],
]

describe('splitWords', () => {
  for (const [text, words] of cases) {
    it(`splits ${JSON.stringify(text)} as a shell does`, () => {
      expect(splitWords(text)).to.deep.equal(words)
      expect(splitByShell(text)).to.deep.equal(words)
    })
  }

  it('splits at line breaks, which would end a command of a shell', () => {
    expect(splitWords('\necho a\n  b\n')).to.deep.equal(['echo', 'a', 'b'])
  })

  it('takes what means more to a shell as it is', () => {
    const text = 'a $HOME `b` $(c) *.ts ~ {d,e} | f & g; h > i < j (k) #l !m'
    expect(splitWords(text)).to.deep.equal(text.split(' '))
  })

  for (const text of ["'", 'a "b', `"it's`, `'a'b'`, '\\', 'a\\', '"\\"', '"a\\']) {
    it(`refuses ${JSON.stringify(text)}, which doesn't end`, () => {
      expect(splitWords(text)).to.equal(undefined)
    })
  }

  it('splits any text as a shell does', function () {
    this.timeout(180_000)
    const unit = fc.constantFrom('a', 'b', 'é', '😀', '/', '-', ' ', '\t', '\\\n', "'", '"', '\\', '=', '%', '"$"')
    const text = fc.string({ unit, maxLength: 16 })
    // A text is closed by what it lacks.
    const closed = text.map((start) => [start, `${start}'`, `${start}"`].find((one) => splitWords(one)) ?? '')
    // A shell would expand a `$` before a name, and end a command at a line break that isn't escaped.
    const plain = closed.filter((one) => !/\$[^" \t]|(?<!\\)(?:\\\\)*\n/.test(one))
    fc.assert(
      fc.property(plain, (one) => {
        expect(splitWords(one)).to.deep.equal(splitByShell(one))
      }),
      { numRuns: 500 },
    )
  })

  // By the square of the length it would be hours.
  it('takes time in proportion to the length', () => {
    const started = performance.now()
    for (const unit of ['"', '\\"', "a'", '\\\\']) splitWords(`"${unit.repeat(1_000_000)}`)
    expect(performance.now() - started).to.be.below(20_000)
  })
})

describe('isForShell', () => {
  for (const text of [
    'ls | wc',
    'ls a > /dev/null',
    'ls a 2>&1',
    'true && ls',
    'ls a; ls b',
    'sleep 1 &',
    'ls $NAME ${NAME}',
    'ls $(pwd)',
    'NAME=1 env',
    'cd /',
    'export A=1',
  ])
    it(`knows what only a shell does: ${text}`, () => expect(isForShell(text)).to.equal(true))

  for (const text of [
    `sh -c 'echo $A | grep b; exit 3'`,
    'sh -c "exit 3 > /dev/null"',
    String.raw`echo \$A \| b \; c`,
    'curl http://a/?b=c&d=e;f',
    'env NAME=1 cdrecord a|b',
  ])
    it(`knows what is plain text: ${text}`, () => expect(isForShell(text)).to.equal(false))
})
