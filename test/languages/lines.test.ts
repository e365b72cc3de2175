import { expect } from 'chai'
import { languageWith } from './language-folder.ts'

const line = async (text: string, values?: object) => (await languageWith({ a: text })).t('a', values)

describe('a line of text', () => {
  it('has values in the places of their names', async () => {
    expect(await line('{a}{b} and {a}', { a: 1, b: 'two' })).to.equal('1two and 1')
    expect(await line('{user.name} {0} {größe}', { 'user.name': 'Ann', 0: 'x', größe: 'XL' })).to.equal('Ann x XL')
  })

  it('has a plain { for {{, and every } as it is', async () => {
    expect(await line('{{name} {{{name}} {{}', { name: 'x' })).to.equal('{name} {x} {}')
    expect(await line('a { b } c }} {', { ' b ': 1 })).to.equal('a 1 c }} {')
    expect(await line('{}')).to.equal('{}')
  })

  it('escapes nothing, and reads no place in a value', async () => {
    expect(await line('<b>{name}</b>', { name: '<i>{name}</i> {{' })).to.equal('<b><i>{name}</i> {{</b>')
  })

  it('shows values as text: 0, false, dates, big numbers', async () => {
    expect(await line('{a} {b} {c} {d}', { a: 0, b: false, c: 12345n, d: '' })).to.equal('0 false 12345 ')
  })

  it('keeps a place without a value as it is written', async () => {
    expect(await line('Hi {name}!')).to.equal('Hi {name}!')
    expect(await line('{a} {b} {c}', { a: undefined, b: null, c: 3 })).to.equal('{a} {b} 3')
  })

  it('takes no value that an object inherits', async () => {
    expect(await line('{constructor} {toString} {__proto__}', {})).to.equal('{constructor} {toString} {__proto__}')
    expect(await line('{a}', Object.create({ a: 1 }) as object)).to.equal('{a}')
    expect(await line('{a}', Object.assign(Object.create(null) as object, { a: 1 }))).to.equal('1')
  })
})

describe('plural forms', () => {
  const cases: [name: string, forms: Record<string, string>, byCount: [number, string][]][] = [
    [
      'ar',
      { zero: 'Z', one: 'O', two: 'T', few: 'F', many: 'M', other: 'X' },
      [
        [0, 'Z'],
        [1, 'O'],
        [2, 'T'],
        [3, 'F'],
        [10, 'F'],
        [11, 'M'],
        [99, 'M'],
        [100, 'X'],
        [102, 'X'],
        [103, 'F'],
        [1.5, 'X'],
      ],
    ],
    [
      'pl',
      { one: '{count} plik', few: '{count} pliki', many: '{count} plików', other: '{count} pliku' },
      [
        [0, '0 plików'],
        [1, '1 plik'],
        [2, '2 pliki'],
        [5, '5 plików'],
        [12, '12 plików'],
        [22, '22 pliki'],
        [112, '112 plików'],
        [1.5, '1.5 pliku'],
      ],
    ],
    [
      'ru',
      { one: 'файл', few: 'файла', many: 'файлов', other: 'файла' },
      [
        [0, 'файлов'],
        [1, 'файл'],
        [2, 'файла'],
        [5, 'файлов'],
        [11, 'файлов'],
        [21, 'файл'],
        [111, 'файлов'],
        [0.5, 'файла'],
      ],
    ],
    [
      'en-US',
      { one: 'one', other: 'other' },
      [
        [0, 'other'],
        [1, 'one'],
        [2, 'other'],
        [-1, 'one'],
        [1.5, 'other'],
      ],
    ],
    [
      'ja',
      { other: '{count}件' },
      [
        [0, '0件'],
        [1, '1件'],
        [100, '100件'],
      ],
    ],
  ]
  for (const [name, forms, byCount] of cases) {
    it(`are those of ${name}`, async () => {
      const language = await languageWith({ files: forms }, {}, name)
      for (const [count, text] of byCount) expect(language.t('files', { count }), String(count)).to.equal(text)
    })
  }

  it("have '=0' for exactly 0, and zero only where the language has it", async () => {
    const forms = { '=0': 'none', '=12': 'a dozen', zero: 'zero', one: 'one', other: '{count}' }
    const english = await languageWith({ a: forms, b: { zero: 'zero', other: '{count}' } })
    expect([0, 1, 2, 12].map((count) => english.t('a', { count }))).to.deep.equal(['none', 'one', '2', 'a dozen'])
    expect(english.t('b', { count: 0 })).to.equal('0')
    const arabic = await languageWith({ a: forms, b: { zero: 'zero', other: '{count}' } }, {}, 'ar')
    expect([arabic.t('a', { count: 0 }), arabic.t('b', { count: 0 })]).to.deep.equal(['none', 'zero'])
  })

  it('are the form "other" where one is left out', async () => {
    const language = await languageWith({ a: { one: 'jeden', other: 'inne' } }, {}, 'pl')
    expect([1, 2, 5].map((count) => language.t('a', { count }))).to.deep.equal(['jeden', 'inne', 'inne'])
  })

  it('are chosen by numbers, big numbers and numbers as text; without a count by "other"', async () => {
    const language = await languageWith({ a: { one: 'one', other: '{count}' } })
    expect(language.t('a', { count: 1n })).to.equal('one')
    expect(language.t('a', { count: '1' })).to.equal('one')
    for (const values of [undefined, {}, { count: null }]) expect(language.t('a', values)).to.equal('{count}')
    expect(language.t('a', { count: 'many' })).to.equal('many')
  })

  it('have other values too', async () => {
    const language = await languageWith({ a: { one: '{name} has one', other: '{name} has {count}' } })
    expect(language.t('a', { count: 3, name: 'Ann' })).to.equal('Ann has 3')
  })

  it('are forms only with "other" and nothing else beside them; else keys', async () => {
    const language = await languageWith({
      steps: { one: 'First', two: 'Second' },
      kinds: { other: 'Other', book: 'Book' },
    })
    expect(language.t('steps.two')).to.equal('Second')
    expect(language.t('kinds.other')).to.equal('Other')
    expect(language.has('steps')).to.equal(false)
  })
})
