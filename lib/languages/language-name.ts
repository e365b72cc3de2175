import { ConfigError } from '../index.ts'
import { printValue } from '../kit.ts'

/** Returns a BCP 47 tag in its canonical form, `pt-BR` for `pt-br`; `undefined` for what isn't one. */
export function canonicalName(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined
  try {
    return Intl.getCanonicalLocales(name)[0]
  } catch {
    return undefined
  }
}

/** Returns the canonical form of the name of a language. @param place where it comes from @throws ConfigError naming it */
export function readName(name: unknown, place: string): string {
  const canonical = canonicalName(name)
  if (canonical !== undefined) return canonical
  const meant = typeof name === 'string' ? canonicalName(name.replaceAll('_', '-')) : undefined
  const advice = meant === undefined ? '' : `: write ${printValue(meant)}`
  throw new ConfigError(
    `${place} must be a language tag of BCP 47 such as "en" or "pt-BR", got ${printValue(name)}${advice}`,
    { failure: 'ERR_TRIBIND_LANGUAGE_NAME' },
  )
}
