import { expect } from 'chai'
import { IntlMessageFormat } from 'intl-messageformat'
import { ConfigError, LanguageError } from 'tribind'
import type { LanguagesOptions } from 'tribind/languages'
import { rejected, thrownBy } from '../feature/both-ways.ts'
import { languageWith, load } from './language-folder.ts'

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
    const error = await rejected(load({ 'en-US.json': {}, 'de/shop.json': { cart: '{count, plural' } }, icu))
    expect(error).to.be.instanceOf(ConfigError).and.include({ failure: 'ERR_TRIBIND_LANGUAGE_SYNTAX' })
    expect(error.message).to.match(
      /\/de\/shop\.json: line "shop\.cart" of language "de" can't be read by the option "format": /,
    )
    expect(error.cause).to.be.instanceOf(SyntaxError)
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
