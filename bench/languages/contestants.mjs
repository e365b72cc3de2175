// What is compared: for each job and contestant a function of one input, the kinds of inputs, and what they must result in.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import i18next from 'i18next'
import { IntlMessageFormat } from 'intl-messageformat'
import Negotiator from 'negotiator'
import { loadLanguages } from '../../dist/languages.js'

const LINES = 1000
const lines = Object.fromEntries(
  Array.from({ length: LINES }, (_, i) => [`key${i}`, `${i}: Witaj, {name}, w {place}!`]),
)
const forms = { one: '{count} plik', few: '{count} pliki', many: '{count} plików', other: '{count} pliku' }
const icuForms = `{count, plural, ${Object.entries(forms)
  .map(([form, text]) => `${form} {${text}}`)
  .join(' ')}}`
const names = ['en-US', 'pl', 'de', 'fr', 'pt-BR', 'zh-Hant', 'zh-Hans', 'ja']

/** Headers of Chrome, Firefox and Safari; the language that each results in. */
const headers = {
  'pl-PL,pl;q=0.9,en-US;q=0.8,en;q=0.7': 'pl',
  'de,en-US;q=0.7,en;q=0.3': 'de',
  ja: 'ja',
  'en-US,en;q=0.9': 'en-US',
  'es-ES,es;q=0.9,fr;q=0.8,en;q=0.7': 'fr',
}

export async function createJobs() {
  const languages = await loadTribind()
  const tribind = languages.get('pl')
  await initI18next()
  const fixed = i18next.getFixedT('pl')
  const messages = new Map(Object.entries(lines).map(([key, text]) => [key, new IntlMessageFormat(text, 'pl')]))
  const plural = new IntlMessageFormat(icuForms, 'pl')
  return {
    'line with two values': {
      inputs: () => ({ key: `key${Math.floor(Math.random() * LINES)}`, values: { name: 'Anna', place: 'Gdańsku' } }),
      expected: ({ key, values }) => `${key.slice(3)}: Witaj, ${values.name}, w ${values.place}!`,
      contestants: {
        tribind: ({ key, values }) => tribind.t(key, values),
        'i18next t': ({ key, values }) => i18next.t(key, values),
        'i18next getFixedT': ({ key, values }) => fixed(key, values),
        'intl-messageformat': ({ key, values }) => messages.get(key).format(values),
      },
    },
    'plural form': {
      inputs: () => ({ count: Math.floor(Math.random() * 100) }),
      expected: ({ count }) => forms[new Intl.PluralRules('pl').select(count)].replace('{count}', count),
      contestants: {
        tribind: (values) => tribind.t('files', values),
        'i18next t': (values) => i18next.t('files', values),
        'i18next getFixedT': (values) => fixed('files', values),
        'intl-messageformat': (values) => plural.format(values),
      },
    },
    'Accept-Language': {
      // Made anew, as a socket brings it: a string that was looked up before would bring its hash along.
      inputs: () => Object.keys(headers)[Math.floor(Math.random() * 5)].split('').join(''),
      expected: (header) => headers[header],
      contestants: {
        tribind: (header) => languages.detect(header).name,
        negotiator: (header) => new Negotiator({ headers: { 'accept-language': header } }).language(names),
      },
    },
  }
}

async function loadTribind() {
  const folder = mkdtempSync(join(tmpdir(), 'tribind-bench-'))
  for (const name of names) writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...lines, files: forms }))
  const languages = await loadLanguages(folder)
  rmSync(folder, { recursive: true })
  return languages
}

/** In one language: its `t` has no other then, and `getFixedT` is what serves requests in several. */
async function initI18next() {
  const translation = Object.entries(lines).map(([key, text]) => [key, text.replaceAll(/[{}]/g, '$&$&')])
  for (const [form, text] of Object.entries(forms))
    translation.push([`files_${form}`, text.replaceAll(/[{}]/g, '$&$&')])
  await i18next.init({
    lng: 'pl',
    resources: { pl: { translation: Object.fromEntries(translation) } },
    interpolation: { escapeValue: false },
  })
}
