import { expectTypeOf } from 'expect-type'
import { Controller, type Language, Server } from 'tribind'
import { type Languages, loadLanguages } from 'tribind/languages'

// What languages are to TypeScript. Checked by tsc, never run.

interface Order {
  readonly count: number
}

export async function use(order: Order): Promise<void> {
  const languages = await loadLanguages('languages', { default: 'de', strict: true })
  expectTypeOf(languages).toEqualTypeOf<Languages>()
  expectTypeOf(languages.names).toEqualTypeOf<readonly string[]>()
  expectTypeOf(languages.default).toEqualTypeOf<string>()
  expectTypeOf(languages.detect(undefined)).toEqualTypeOf<Language>()
  languages.load('de', { a: 'b', c: { d: 'e' }, f: { one: 'g', other: 'h' } })
  // @ts-expect-error -- a number is no line
  languages.load('de', { a: 1 })
  // @ts-expect-error -- the names are its own
  languages.names.push('fr')

  // An interface has no index signature, and is a set of values all the same.
  languages.get('de').t('cart.items', order)
  // @ts-expect-error -- values have names
  languages.get('de').t('cart.items', 3)
  languages.get('de').number(3n, { style: 'percent' })
  languages.get('de').date(new Date(), { dateStyle: 'long' })

  const server = new Server({ languages, detectLanguage: (request) => request.cookie.get('lang') })
  server.get('/', (request) => {
    expectTypeOf(request.language).toEqualTypeOf<Language>()
    // @ts-expect-error -- it is set by its name
    request.language = languages.get('de')
    request.setLanguage('de')
  })
  // @ts-expect-error -- it must not wait: the language is asked for in the midst of synchronous code
  void new Server({ languages, detectLanguage: async () => 'de' })
  // @ts-expect-error -- loadLanguages returns a promise
  void new Server({ languages: loadLanguages('languages') })
}

export class Cart extends Controller {
  index(): string {
    return this.t('cart.items', { count: 3 })
  }
}
