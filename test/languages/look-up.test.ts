import { expect } from 'chai'
import fc from 'fast-check'
import { load } from './language-folder.ts'

/** What is chosen of some names, the default first, for a header. */
async function choose(names: string, header: string | undefined): Promise<string> {
  const all = names.split(' ')
  const files = Object.fromEntries(all.map((name) => [`${name}.json`, {}]))
  return (await load(files, { default: all[0] as string })).detect(header).name
}

type Case = readonly [names: string, header: string | undefined, chosen: string]

function chooses(what: string, cases: readonly Case[]): void {
  describe(what, () => {
    for (const [names, header, chosen] of cases)
      it(`${chosen} of ${names} for ${header ?? 'no header'}`, async () => {
        expect(await choose(names, header)).to.equal(chosen)
      })
  })
}

describe('languages.detect', () => {
  chooses('returns the default where nothing is asked for that is there', [
    ['en de', undefined, 'en'],
    ['en de', '', 'en'],
    ['en de', ' , ,, ', 'en'],
    ['en de', 'fr', 'en'],
    ['en de', 'fr-FR, it;q=0.5', 'en'],
    ['en de', '*', 'en'],
  ])

  const rfc = 'zh-Hant-CN-x-private1-private2'
  chooses('truncates as in RFC 4647, section 3.4', [
    [`en zh zh-Hant zh-Hant-CN zh-Hant-CN-x-private1 ${rfc}`, rfc, rfc],
    ['en zh zh-Hant zh-Hant-CN zh-Hant-CN-x-private1', rfc, 'zh-Hant-CN-x-private1'],
    ['en zh zh-Hant zh-Hant-CN', rfc, 'zh-Hant-CN'],
    ['en zh zh-Hant', rfc, 'zh-Hant'],
    ['en zh', rfc, 'zh'],
    ['en', rfc, 'en'],
    // An extension goes with its singleton.
    ['en de', 'de-u-co-phonebk', 'de'],
    ['en de-1996', 'de-1996-x-y', 'de-1996'],
  ])

  chooses('matches whole parts, in any case', [
    ['en de-AT', 'DE-at', 'de-AT'],
    ['en zh-Hant-TW', 'zh-hANT-tw', 'zh-Hant-TW'],
    ['en de', 'den', 'en'],
    ['en den', 'de', 'en'],
  ])

  chooses('takes ranges by weight, and in their order where that is the same', [
    ['en de fr', 'de, fr', 'de'],
    ['en de fr', 'de;q=0.7, fr;q=0.8', 'fr'],
    ['en de fr', 'de;q=0.5, fr;q=0.5', 'de'],
    ['en de fr', 'it, fr;q=0.001, de;q=0.002', 'de'],
    ['en de fr', 'de;q=0.9, fr', 'fr'],
    ['en de fr', 'de;q=1.000,fr;q=1.0', 'de'],
    ['en de fr', 'de ; q=0.5 , fr ;Q=0.6', 'fr'],
    ['en de fr', 'de;q=.5, fr;q=0.4', 'de'],
    ['en de fr', 'de;q=0.59999999999, fr;q=0.6', 'fr'],
    // A heavier range is looked up down to its relatives before a lighter one.
    ['en pt-BR', 'pt-PT, en;q=0.9', 'pt-BR'],
    ['en de fr', 'de-CH;q=0.9, fr;q=0.8', 'de'],
  ])

  chooses('goes on to the parents, then to the first name below the range or one of its parents', [
    ['en-US de', 'de-CH', 'de'],
    ['en-US de-AT de-CH', 'de-CH', 'de-CH'],
    ['en-US de de-AT', 'de-CH', 'de'],
    ['en-US de-AT de-CH', 'de', 'de-AT'],
    ['en-US de-AT de-CH', 'de-DE', 'de-AT'],
    ['en pt-BR', 'pt-PT', 'pt-BR'],
    ['en zh-Hans zh-Hant-HK', 'zh-Hant-TW', 'zh-Hant-HK'],
    ['en zh-Hans-CN zh-Hant', 'zh', 'zh-Hans-CN'],
    ['en sr-Latn', 'sr-Cyrl-RS', 'sr-Latn'],
  ])

  chooses('never chooses what is excluded, also as a parent', [
    ['en de fr', 'de;q=0, fr', 'fr'],
    ['en de', 'de-AT, de;q=0', 'en'],
    ['en de fr', 'de-AT, de;q=0, fr;q=0.1', 'fr'],
    ['en de', 'de-AT, de;q=0.000', 'en'],
    ['en de de-AT', 'de-AT, de;q=0', 'de-AT'],
    ['en de-CH', 'de-AT, de;q=0', 'en'],
    ['en en-GB en-AU', 'en-NZ, en;q=0, en-GB', 'en-GB'],
    ['fr en-GB en-US', 'en, en-GB;q=0', 'en-US'],
    ['fr en-GB', 'en, en-GB;q=0', 'fr'],
    // The default neither, as long as there is another.
    ['en de', 'en;q=0', 'de'],
    ['en de', '*, en;q=0', 'de'],
    ['en-US de', 'en;q=0', 'de'],
    ['en de fr', 'en;q=0, de;q=0', 'fr'],
    ['en de', 'en;q=0, de;q=0', 'en'],
    ['en', 'en;q=0', 'en'],
    ['en de', '*;q=0', 'en'],
    ['en de', 'de, *;q=0', 'de'],
    ['en de', 'de-AT, *;q=0', 'de'],
    ['en de', 'fr, *;q=0', 'en'],
  ])

  chooses('takes * for the default, in its place among the others', [
    ['en de', 'fr, *', 'en'],
    ['en de', 'de, *;q=0.5', 'de'],
    ['en de', 'de;q=0.5, *;q=0.6', 'en'],
    ['en de', 'fr, *;q=0.1, de;q=0.2', 'de'],
    // Inside of a range it stands for any part, or none.
    ['en zh-TW', 'zh-*-TW', 'zh-TW'],
    ['en zh', 'zh-*', 'zh'],
  ])

  chooses('knows ranges that are not canonical', [
    ['en he', 'iw', 'he'],
    ['en he', 'iw-IL', 'he'],
    ['en iw', 'iw', 'he'],
  ])

  chooses('leaves out what is no range', [
    ['en de', 'en_US, de', 'de'],
    ['en de', 'fr;q=2, de;q=0.1', 'de'],
    ['en de fr', 'fr;q=-1, de;q=0.1', 'de'],
    ['en de fr', 'fr;q=x, de;q=0.1', 'de'],
    ['en de fr', 'fr;q=, de;q=0.1', 'de'],
    ['en de fr', 'fr;level=1, de;q=0.1', 'de'],
    ['en de', 'toolonglanguage, de;q=0.1', 'de'],
    ['en de', '../../etc/passwd, __proto__, de;q=0.1', 'de'],
    ['en de', '-de, de-, de--AT, *-CH, **, de;q=0.1', 'de'],
    ['en de', 'de\u00e9, \u0000, de;q=0.1', 'de'],
  ])

  chooses('reads what browsers and other clients send', [
    // Chrome, Edge
    ['en-US de fr', 'en-US,en;q=0.9', 'en-US'],
    ['en de fr', 'en-US,en;q=0.9', 'en'],
    ['en-US de fr', 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7', 'de'],
    ['en-US pt-BR', 'pt-PT,pt;q=0.9,en-US;q=0.8,en;q=0.7', 'pt-BR'],
    ['en-US zh-TW zh-CN', 'zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7', 'zh-TW'],
    ['en-US zh-CN', 'zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7', 'zh-CN'],
    ['en-US nb', 'nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en-US;q=0.6,en;q=0.5', 'nb'],
    ['en-US es', 'es-419,es;q=0.9', 'es'],
    // Firefox
    ['en-US de', 'de,en-US;q=0.7,en;q=0.3', 'de'],
    ['en-GB fr', 'fr-CH,fr;q=0.8,en-US;q=0.5,en;q=0.3', 'fr'],
    ['de en-GB', 'en-US,en;q=0.5', 'en-GB'],
    ['en-US ar-EG', 'ar,en-US;q=0.7,en;q=0.3', 'ar-EG'],
    // Safari
    ['en-US de', 'de-DE,de;q=0.9', 'de'],
    ['en-US ja', 'ja-JP', 'ja'],
    // Opera 12, Internet Explorer, curl without one, Java's and Android's of old
    ['en-US pl', 'pl-PL,pl;q=0.9,en;q=0.8', 'pl'],
    ['en-US ru', 'ru-RU, ru; q=0.8', 'ru'],
    ['fr en-US', 'en-us', 'en-US'],
    ['en-US de', '*', 'en-US'],
    ['en-US he', 'iw-IL, en-US', 'he'],
    ['en-US de fr', 'fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', 'fr'],
  ])

  describe('reads 50 ranges of 4 KiB', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => `x${String.fromCharCode(97 + (i % 26))}-a${i}b`)

    it('at most 50 ranges', async () => {
      expect(await choose('en de', [...many(49), 'de'].join(','))).to.equal('de')
      expect(await choose('en de', [...many(50), 'de'].join(','))).to.equal('en')
    })

    it('at most 4 KiB, and no range that is cut', async () => {
      const filled = (length: number) => `${' '.repeat(length - 3)}fr,`
      const head = filled(4094)
      expect(await choose('en de', `${filled(4095)}de`)).to.equal('en')
      expect(await choose('en de', `${head}de,fr`)).to.equal('de')
      expect(await choose('en de', `${head}xx;q=0.9`)).to.equal('en')
      expect(await choose('en de', `${head} de-AT`)).to.equal('en')
      expect(await choose('en de', `de${' '.repeat(5000)}`)).to.equal('en')
    })

    it('in a time that does not grow with what is sent', async () => {
      const files = Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [`a${String.fromCharCode(97 + (i % 26))}-${1000 + i}.json`, {}]),
      )
      const languages = await load({ ...files, 'en-US.json': {} })
      const headers = [
        'a-'.repeat(500_000),
        ','.repeat(1_000_000),
        `de${' '.repeat(1_000_000)};`,
        'de;q=0,'.repeat(100_000),
        'aa-b-'.repeat(800),
      ]
      const start = process.hrtime.bigint()
      for (const header of headers) expect(languages.detect(header).name).to.be.a('string')
      expect(Number(process.hrtime.bigint() - start) / 1e6).to.be.lessThan(1000)
    })
  })

  it('always returns one of the languages', async () => {
    const names = ['en', 'de', 'de-AT', 'zh-Hant', 'pt-BR']
    const languages = await load(Object.fromEntries(names.map((name) => [`${name}.json`, {}])), { default: 'en' })
    const range = fc.oneof(fc.string(), fc.constantFrom('*', 'de', 'de-at', 'DE-CH', 'zh-hant-tw', 'pt', 'en', 'fr'))
    const weight = fc.oneof(fc.constant(''), fc.constantFrom(';q=0', ';q=0.5', '; q=1', ';q=0.001', ';q'), fc.string())
    const header = fc.array(fc.tuple(range, weight).map((parts) => parts.join(''))).map((ranges) => ranges.join(','))
    fc.assert(fc.property(header, (text) => names.includes(languages.detect(text).name)))
  })
})
