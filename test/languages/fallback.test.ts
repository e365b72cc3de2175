import { expect } from 'chai'
import { ConfigError, LanguageError } from 'tribind'
import type { LinesObject } from 'tribind/languages'
import { thrownBy } from '../feature/both-ways.ts'
import { languageWith, load } from './language-folder.ts'

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
