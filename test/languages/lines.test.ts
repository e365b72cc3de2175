import { expect } from 'chai'
import { ConfigError, LanguageError } from 'tribind'
import { IntlMessageFormat } from 'intl-messageformat'
import { type LanguagesOptions, type Language, type LinesObject } from 'tribind/languages'
import { thrownBy } from '../feature/both-ways.ts'
import { load } from './language-folder.ts'

/** A language with these lines and no other beside it. */
async function languageWith(lines: LinesObject, options?: LanguagesOptions, name = 'en-US'): Promise<Language> {
  return (await load({ [`${name}.json`]: lines }, { default: name, ...options })).get(name)
}

const line = async (text: string, values?: object, options?: LanguagesOptions) =>
  (await languageWith({ a: text }, options)).t('a', values)

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

describe('a line that is missing', () => {
  const files = {
    'pt.json': { a: 'pt a', b: 'pt b', n: { one: 'pt 1', other: 'pt {count}' } },
    'pt-BR.json': { a: 'br a' },
    'zh-Hant.json': { a: 'hant' },
    'zh-Hant-TW.json': { x: 'y' },
    'en.json': { d: 'en d', e: 'en e' },
    'en-US.json': {
      a: 'us a',
      b: 'us b',
      c: 'us c',
      d: 'us d',
      n: { one: 'us 1', other: 'us {count}' },
      p: { one: 'us one', other: 'us {count}' },
    },
    'ja.json': {},
  }

  it('is looked for in the parent, then in the default language and its parent', async () => {
    const languages = await load(files)
    const brazilian = languages.get('pt-BR')
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => brazilian.t(key))).to.deep.equal([
      'br a',
      'pt b',
      'us c',
      'us d',
      'en e',
    ])
    expect(languages.get('zh-Hant-TW').t('a')).to.equal('hant')
    expect(languages.get('ja').t('a')).to.equal('us a')
    expect(['a', 'b', 'e', 'f'].map((key) => brazilian.has(key))).to.deep.equal([true, true, true, false])
  })

  it('has the plural forms of the language that it is found in', async () => {
    const languages = await load(files)
    // Japanese has one form only, English two.
    expect(languages.get('ja').t('p', { count: 1 })).to.equal('us one')
    expect(languages.get('pt-BR').t('n', { count: 1 })).to.equal('pt 1')
  })

  it('is its key elsewhere', async () => {
    const languages = await load(files)
    languages.reportTo({ debug() {}, info() {}, warn() {}, error() {} })
    expect(languages.get('pt-BR').t('no.such.line', { a: 1 })).to.equal('no.such.line')
    expect(languages.get('pt-BR').t('__proto__')).to.equal('__proto__')
  })
})

describe('strict: true', () => {
  const lines = {
    a: 'Hi {name}',
    b: { one: '{count} book', other: '{count} books' },
    c: { '=0': 'none', other: 'some' },
  }

  it('makes a missing line a LanguageError', async () => {
    const languages = await load({ 'en-US.json': lines, 'de.json': { d: 'da' } }, { strict: true })
    expect(languages.get('de').t('a', { name: 'x' })).to.equal('Hi x')
    const error = thrownBy(() => languages.get('de').t('shop.cart'))
    expect(error).to.be.instanceOf(LanguageError).and.include({
      code: 'ERR_TRIBIND_LANGUAGE',
      failure: 'ERR_TRIBIND_LANGUAGE_MISSING',
      message: 'no line "shop.cart" in language "de", nor in those it falls back to',
    })
  })

  it('makes a missing value a LanguageError', async () => {
    const language = await languageWith(lines, { strict: true })
    const error = thrownBy(() => language.t('a', { nam: 'x' }))
    expect(error).to.be.instanceOf(LanguageError).and.include({
      code: 'ERR_TRIBIND_LANGUAGE',
      failure: 'ERR_TRIBIND_LANGUAGE_VALUE',
      message: 'line "a" of language "en-US" needs the value "name", which isn\'t passed',
    })
    for (const key of ['b', 'c']) expect(thrownBy(() => language.t(key)).message).to.include('needs the value "count"')
    expect(language.t('c', { count: 1 })).to.equal('some')
  })
})

describe('languages.load', () => {
  it('adds lines, and replaces those that are there', async () => {
    const languages = await load({ 'en-US.json': { a: 'a', b: { c: 'c' } } })
    const language = languages.get('en-US')
    languages.load('EN-us', { b: { c: 'new c', d: 'd' }, n: { one: 'one', other: 'other' } })
    expect(['a', 'b.c', 'b.d'].map((key) => language.t(key))).to.deep.equal(['a', 'new c', 'd'])
    expect(language.t('n', { count: 1 })).to.equal('one')
    expect(languages.names).to.deep.equal(['en-US'])
  })

  it('adds a language, which is found from then on, also as a parent', async () => {
    const languages = await load({ 'en-US.json': { a: 'a', b: 'b' }, 'de-AT.json': {} })
    const austrian = languages.get('de-AT')
    expect(languages.get('de').name).to.equal('en-US')
    languages.load('DE', { a: 'ah' })
    expect(languages.names).to.deep.equal(['de-AT', 'en-US', 'de'])
    expect(languages.get('de').t('a')).to.equal('ah')
    expect(languages.get('de').t('b')).to.equal('b')
    expect(austrian.t('a')).to.equal('ah')
    expect(languages.detect('de').name).to.equal('de')
  })

  it('refuses names and lines that cannot be, and changes nothing then', async () => {
    const languages = await load({ 'en-US.json': { a: 'a' } })
    const cases: [string, unknown, RegExp][] = [
      ['de_DE', { a: 'b' }, /^the name of a language must be .* got "de_DE": write "de-DE"$/],
      ['', { a: 'b' }, /^the name of a language must be/],
      ['de', { a: 'b', b: 7 }, /^load\("de"\): "b" must be a text/],
      ['de', JSON.parse('{"__proto__":"x"}'), /^load\("de"\): a key must not be .* got "__proto__"$/],
      ['de', undefined, /^load\("de"\): its content must be/],
    ]
    for (const [name, lines, message] of cases) {
      const error = thrownBy(() => languages.load(name, lines as LinesObject))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.match(message)
    }
    expect(languages.names).to.deep.equal(['en-US'])
  })
})

describe('the option format', () => {
  const icu: LanguagesOptions = {
    format: (text, language) => {
      const message = new IntlMessageFormat(text, language.name)
      return (values) => String(message.format(values))
    },
  }
  const text = '{name} has {count, plural, =0 {no files} one {one file} other {# files}}'

  it('takes ICU messages', async () => {
    const language = await languageWith({ a: text }, icu)
    expect(language.t('a', { name: 'Ann', count: 0 })).to.equal('Ann has no files')
    expect(language.t('a', { name: 'Ann', count: 1200 })).to.equal('Ann has 1,200 files')
  })

  it('is called with the text and its language, once, and what it returns with the values', async () => {
    const calls: unknown[] = []
    const format: LanguagesOptions['format'] = (text, language) => {
      calls.push([text, language.name])
      return (values) => `${text}:${JSON.stringify(values)}`
    }
    const languages = await load(
      { 'en-US.json': { a: 'A {x} {{' }, 'de.json': { b: { one: 'B', other: 'C' } } },
      { format },
    )
    expect(calls).to.have.deep.members([
      ['A {x} {{', 'en-US'],
      ['B', 'de'],
      ['C', 'de'],
    ])
    expect(languages.get('de').t('a', { x: 1 })).to.equal('A {x} {{:{"x":1}')
    expect(languages.get('de').t('a')).to.equal('A {x} {{:{}')
    expect(languages.get('de').t('b', { count: 2 })).to.equal('C:{"count":2}')
    expect(calls).to.have.length(3)
  })

  it('makes a text that it throws for a ConfigError with its place', async () => {
    let error: unknown
    await load({ 'en-US.json': {}, 'de/shop.json': { cart: '{count, plural' } }, icu).catch(
      (thrown: unknown) => (error = thrown),
    )
    expect(error).to.be.instanceOf(ConfigError).and.include({ failure: 'ERR_TRIBIND_LANGUAGE_SYNTAX' })
    expect((error as Error).message).to.match(
      /\/de\/shop\.json: line "shop\.cart" of language "de" can't be read by the option "format": /,
    )
    expect((error as Error).cause).to.be.instanceOf(SyntaxError)
  })

  it('leaves a line that fails as it is written, or makes it a LanguageError where strict', async () => {
    const lines = { a: 'Hi {name}' }
    expect((await languageWith(lines, icu)).t('a')).to.equal('Hi {name}')
    const strict = await languageWith(lines, { ...icu, strict: true })
    const error = thrownBy(() => strict.t('a'))
    expect(error).to.be.instanceOf(LanguageError).and.include({ failure: 'ERR_TRIBIND_LANGUAGE_FORMAT' })
    expect(error.message).to.match(/^line "a" of language "en-US" can't be formatted: /)
    expect(error.cause).to.be.instanceOf(Error)
  })
})

describe('numbers and dates', () => {
  it('are written as the language does', async () => {
    const languages = await load({ 'en-US.json': {}, 'de.json': {}, 'ar-EG.json': {} })
    expect(languages.get('en-US').number(1234567.891)).to.equal('1,234,567.891')
    expect(languages.get('de').number(1234567.891)).to.equal('1.234.567,891')
    expect(languages.get('de').number(1234n)).to.equal('1.234')
    expect(languages.get('ar-EG').number(12)).to.equal('١٢')
    const day = new Date(Date.UTC(2026, 10, 30, 12))
    const options = { dateStyle: 'long', timeZone: 'UTC' } as const
    expect(languages.get('en-US').date(day, options)).to.equal('November 30, 2026')
    expect(languages.get('de').date(day.getTime(), options)).to.equal('30. November 2026')
    expect(languages.get('de').date(day, { timeZone: 'UTC' })).to.equal('30.11.2026')
  })

  it('take the options of Intl, each in their turn', async () => {
    const language = await languageWith({})
    const euro = { style: 'currency', currency: 'EUR' } as const
    for (let round = 0; round < 2; round++) {
      expect(language.number(3.5, euro)).to.equal('€3.50')
      expect(language.number(0.5, { style: 'percent' })).to.equal('50%')
      expect(language.number(3.5)).to.equal('3.5')
    }
    for (let digits = 0; digits < 300; digits++)
      expect(
        language.number(1, { minimumFractionDigits: digits % 20, minimumIntegerDigits: 1 + Math.floor(digits / 20) }),
      ).to.be.a('string')
    expect(thrownBy(() => language.number(1, { style: 'currency' }))).to.be.instanceOf(TypeError)
  })
})
