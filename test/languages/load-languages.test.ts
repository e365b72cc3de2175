import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { ConfigError } from 'tribind'
import { loadLanguages, type LanguagesOptions } from 'tribind/languages'
import { rejected } from '../feature/both-ways.ts'
import { type Files, inFolder, load } from './language-folder.ts'

const english = { 'en-US.json': { hello: 'Hello' } }

describe('loadLanguages', () => {
  it('reads files named after languages, and folders of files', async () => {
    const languages = await load({
      'en-US/shop.json': { cart: 'Cart' },
      'en-US/menu.yaml': 'home: Home\nuser:\n  login: Log in\n',
      'en-US.json': { title: 'Shop' },
      'de.yaml': 'title: Laden # of YAML\nmenu: { home: Start }\n',
      'fr.yml': 'title: Magasin\n',
    })
    expect(languages.names).to.deep.equal(['de', 'en-US', 'fr'])
    expect(languages.default).to.equal('en-US')
    const lines: [string, string, string][] = [
      ['en-US', 'shop.cart', 'Cart'],
      ['en-US', 'menu.home', 'Home'],
      ['en-US', 'menu.user.login', 'Log in'],
      ['en-US', 'title', 'Shop'],
      ['de', 'title', 'Laden'],
      ['de', 'menu.home', 'Start'],
      ['fr', 'title', 'Magasin'],
    ]
    for (const [name, key, text] of lines) expect(languages.get(name).t(key), `${name} ${key}`).to.equal(text)
  })

  it('joins nested keys with dots, whatever their depth, and takes keys that have dots', async () => {
    const language = (await load({ 'en-US/a.json': { b: { c: { d: 'deep' } }, 'e.f': 'flat' } })).get('en-US')
    expect(language.t('a.b.c.d')).to.equal('deep')
    expect(language.t('a.e.f')).to.equal('flat')
    expect(language.has('a.b.c')).to.equal(false)
  })

  it('takes a folder relative to the working directory, and a file: URL', async () => {
    await inFolder(english, async (folder) => {
      expect((await loadLanguages(pathToFileURL(`${folder}/`))).names).to.deep.equal(['en-US'])
      expect((await loadLanguages(join('.', folder.slice(1)).replace(/^/, '/'))).names).to.deep.equal(['en-US'])
    })
  })

  it('leaves out what is neither: other files, hidden ones, folders without lines', async () => {
    const files = {
      'notes.txt': 'x',
      '.hidden.json': '{',
      '.git/config.json': '{',
      'pictures_of_flags/': '',
      'en-US/a/b.json': '{',
    }
    expect((await load({ ...english, ...files })).names).to.deep.equal(['en-US'])
  })

  it('takes keys that are the same in several objects, and texts that look like JSON', async () => {
    const text = '{"a": {"x": "{", "y": "x\\": {"}, "b": {"x": "]"}, "x": "\\\\"}'
    const language = (await load({ 'en-US.json': text })).get('en-US')
    expect(['a.x', 'a.y', 'b.x', 'x'].map((key) => language.t(key))).to.deep.equal(['{', 'x": {', ']', '\\'])
  })

  it('takes files that begin with a byte order mark', async () => {
    const languages = await load({ 'en-US.json': '\uFEFF{"a":"b"}', 'de.yaml': '\uFEFFa: c' })
    expect([languages.get('en-US').t('a'), languages.get('de').t('a')]).to.deep.equal(['b', 'c'])
  })

  it('writes names in their canonical form, which any case finds', async () => {
    const files = { 'pt-br.json': { a: 'br' }, 'ZH-HANT-tw/x.json': { a: 'tw' }, 'iw.json': { a: 'he' }, 'EN.json': {} }
    const languages = await load(files, { default: 'en' })
    expect(languages.names).to.deep.equal(['en', 'he', 'pt-BR', 'zh-Hant-TW'])
    for (const name of ['pt-BR', 'pt-br', 'PT-BR']) expect(languages.get(name).t('a')).to.equal('br')
    for (const name of ['iw', 'he', 'IW']) expect(languages.get(name).name).to.equal('he')
    expect(languages.get('zh-hant-TW').t('x.a')).to.equal('tw')
  })

  it('joins the files of a language that is spelt in several ways', async () => {
    const languages = await load({ 'en-us/a.json': { x: '1' }, 'EN-US/b.json': { y: '2' } })
    expect(languages.names).to.deep.equal(['en-US'])
    expect(languages.get('en-US').t('a.x') + languages.get('en-US').t('b.y')).to.equal('12')
  })

  it('takes the default by any spelling, and returns it for a name that it has not', async () => {
    const languages = await load({ 'de.json': { a: 'x' }, 'en-GB.json': { a: 'y' } }, { default: 'EN-gb' })
    expect(languages.default).to.equal('en-GB')
    for (const name of [
      'fr',
      '',
      'no such name',
      '__proto__',
      '../de',
      undefined,
      null,
      7,
      {},
      Object.create(null),
      Symbol('de'),
    ])
      expect(languages.get(name as string).name, inspect(name)).to.equal('en-GB')
  })
})

describe('loadLanguages refuses', () => {
  const refuses = (what: string, files: Files, failure: string, message: RegExp, options?: LanguagesOptions) =>
    it(what, async () => {
      const error = await rejected(load(files, options))
      expect(error).to.be.instanceOf(ConfigError).and.include({ code: 'ERR_TRIBIND_CONFIG', failure })
      expect(error.message).to.match(message)
    })

  const missing = 'ERR_TRIBIND_LANGUAGES_DEFAULT'
  refuses(
    'a default that is not there',
    { 'de.json': {} },
    missing,
    /option "default" must be a language of \/.*, got "en-US": the folder has de$/,
  )
  refuses(
    'a default whose parent is there',
    { 'en.json': {}, 'en-GB.json': {} },
    missing,
    /got "en-US": the folder has en, en-GB$/,
  )
  refuses('an empty folder', {}, missing, /the folder has no files of lines$/)

  const name = 'ERR_TRIBIND_LANGUAGE_NAME'
  refuses(
    'a file whose name is no tag',
    { ...english, 'en_GB.json': {} },
    name,
    /\/en_GB\.json: the name of its language must be .*BCP 47.*, got "en_GB": write "en-GB"$/,
  )
  refuses(
    'a folder whose name is no tag',
    { ...english, 'the-one-and-only/a.json': {} },
    name,
    /\/the-one-and-only\/a\.json: .*got "the-one-and-only"$/,
  )
  refuses('a default that is no tag', english, name, /^loadLanguages: option "default" must be .*got "en US"$/, {
    default: 'en US',
  })

  const option = 'ERR_TRIBIND_OPTION_VALUE'
  refuses('an empty default', english, option, /^loadLanguages: option "default" must be a non-empty string/, {
    default: '',
  })
  refuses(
    'a format that is no function',
    english,
    option,
    /option "format" must be a function of a text and a language/,
    { format: 'icu' as never },
  )
  refuses('a strict that is no truth value', english, option, /option "strict" must be true or false/, {
    strict: 1 as never,
  })
  refuses(
    'an unknown option',
    english,
    'ERR_TRIBIND_OPTION_UNKNOWN',
    /^loadLanguages: unknown option "defaults", did you mean "default"\?/,
    { defaults: 'de' } as LanguagesOptions,
  )

  const file = 'ERR_TRIBIND_LANGUAGE_FILE'
  refuses(
    'broken JSON',
    { ...english, 'de/shop.json': '{\n"a": "x",\n"b": y\n}' },
    file,
    /\/de\/shop\.json:3: not JSON: /,
  )
  refuses('JSON that ends too early', { ...english, 'de.json': '{\n"a": "x",\n' }, file, /\/de\.json:3: not JSON: /)
  refuses(
    'a key that is twice in JSON',
    { ...english, 'de.json': '{\n"a": {"b": "\\"{[", "c": "b"},\n"d": {"b": "x"},\n"\\u0061" : "y"\n}' },
    file,
    /\/de\.json:4: the key "\\u0061" is there twice$/,
  )
  refuses('an empty JSON file', { ...english, 'de.json': '' }, file, /\/de\.json:1: not JSON: /)
  refuses('broken YAML', { ...english, 'de.yaml': 'a: x\nb: "y\n' }, file, /\/de\.yaml:[23]: not YAML: /)
  refuses(
    'a key that is twice in YAML',
    { ...english, 'de.yaml': 'a: x\nb: y\na: z\n' },
    file,
    /\/de\.yaml:3: not YAML: Map keys must be unique/,
  )
  const bomb = ['a0: &a0 [x]', ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`)]
  refuses(
    'an alias bomb',
    { ...english, 'de.yaml': bomb.join('\n') },
    file,
    /\/de\.yaml: not YAML: Excessive alias count/,
  )
  refuses(
    'a folder where a file should be',
    { ...english, 'de/shop.json/': '' },
    file,
    /\/de\/shop\.json can't be read: EISDIR/,
  )

  const line = 'ERR_TRIBIND_LANGUAGE_LINE'
  refuses(
    'a number',
    { ...english, 'de/shop.json': { cart: { max: 3 } } },
    line,
    /\/de\/shop\.json: "shop\.cart\.max" must be a text, .* got 3$/,
  )
  refuses('null', { ...english, 'de.yaml': 'a:\n' }, line, /\/de\.yaml: "a" must be a text, .* got null$/)
  refuses('a list', { ...english, 'de.json': { a: ['x'] } }, line, /\/de\.json: "a" must be a text, .* got \[/)
  refuses(
    'a file that is no object',
    { ...english, 'de.json': '"x"' },
    line,
    /\/de\.json: its content must be .* got "x"$/,
  )
  refuses(
    '__proto__ in JSON',
    { ...english, 'de/a.json': '{"b":{"__proto__":{"c":"x"}}}' },
    line,
    /\/de\/a\.json: a key must not be empty or "__proto__", got "a\.b\.__proto__"$/,
  )
  refuses(
    '__proto__ in YAML',
    { ...english, 'de.yaml': '__proto__: x' },
    line,
    /\/de\.yaml: a key must not be .* got "__proto__/,
  )
  refuses(
    '__proto__ as the name of a file',
    { ...english, 'de/__proto__.json': { a: 'x' } },
    line,
    /a key must not be .* got "__proto__/,
  )
  refuses(
    'an empty key',
    { ...english, 'de.json': { '': 'x' } },
    line,
    /\/de\.json: a key must not be empty .* got ""$/,
  )
  refuses(
    'a line in two files',
    { 'en-US.json': { a: { b: 'x' } }, 'en-US/a.json': { b: 'y' } },
    line,
    /\/en-US\/a\.json: the line "a\.b" is in \/.*\/en-US\.json too: keep one of them$/,
  )
  refuses(
    'a line that is twice in a file',
    { 'en-US.json': { a: { b: 'x' }, 'a.b': 'y' } },
    line,
    /the line "a\.b" is in .* too/,
  )

  it('a folder that is not there, or is a file', async () => {
    await inFolder(english, async (folder) => {
      for (const path of [`${folder}/none`, `${folder}/en-US.json`]) {
        const error = await rejected(loadLanguages(path))
        expect(error).to.be.instanceOf(ConfigError).and.include({ failure: 'ERR_TRIBIND_LANGUAGES_FOLDER' })
        expect(error.message)
          .to.match(/^loadLanguages: .* can't be read as a folder: (ENOENT|ENOTDIR)/)
          .and.include(path)
      }
    })
  })

  it('nothing because of what is on the prototype of objects', async () => {
    const languages = await load({ 'en-US.json': { constructor: 'a word', toString: 'another' } })
    expect(languages.get('en-US').t('constructor')).to.equal('a word')
    expect(languages.get('en-US').has('hasOwnProperty')).to.equal(false)
  })
})
