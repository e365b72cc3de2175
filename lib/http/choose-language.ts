import { ConfigError, StateError } from '../base/errors.ts'
import type { Level } from '../log/logger.ts'
import { printValue } from '../options/print-value.ts'
import type { Language, ServerLanguages } from './language.ts'
import type { RequestSettings } from './request-settings.ts'
import type { ResponseCore } from './response-core.ts'

/** A request whose language is asked for. */
export interface LanguageCarrier {
  /** The `Request` that the option `detectLanguage` is called with. */
  readonly face: unknown
  readonly settings: Pick<RequestSettings, 'languages' | 'detectLanguage'>
  readonly response: ResponseCore
  header(name: string): string | undefined
  log(level: Level, message: string): void
}

/** Beside the requests, since a field would cost those that no language is asked of. */
const chosen = new WeakMap<LanguageCarrier, Language>()

/**
 * Returns the language of a request. The first call chooses it and tells so in the head of the response.
 *
 * @throws StateError where the server has no languages; ConfigError for what `detectLanguage` can't return; what that throws
 */
export function languageOf(carrier: LanguageCarrier): Language {
  return chosen.get(carrier) ?? chooseLanguage(carrier)
}

/** Makes a language that of a request; the default one if there is none of that name. @throws StateError as `languageOf` */
export function setLanguage(carrier: LanguageCarrier, name: string): void {
  const language = languagesOf(carrier, 'request.setLanguage()').get(name)
  chosen.set(carrier, language)
  if (isHeadOpen(carrier)) carrier.response.setHeader('Content-Language', language.name)
}

function chooseLanguage(carrier: LanguageCarrier): Language {
  const languages = languagesOf(carrier, 'request.language')
  const name = detectByOption(carrier)
  const language = name === undefined ? languages.detect(carrier.header('accept-language')) : languages.get(name)
  chosen.set(carrier, language)
  if (isHeadOpen(carrier)) {
    carrier.response.setDefault('Content-Language', language.name)
    if (name === undefined) carrier.response.joinHeader('Vary', 'Accept-Language')
  }
  return language
}

/** @throws StateError where the server has none; the message says how to get them */
function languagesOf({ settings }: LanguageCarrier, asked: string): ServerLanguages {
  if (settings.languages !== undefined) return settings.languages
  throw new StateError(
    `${asked} needs the option "languages": new Server({ languages: await loadLanguages('languages') })`,
    { failure: 'ERR_TRIBIND_LANGUAGES_DISABLED' },
  )
}

/** Returns the name that the option `detectLanguage` returns, `undefined` where it leaves the choice to the header. */
function detectByOption({ settings, face }: LanguageCarrier): string | undefined {
  const name = settings.detectLanguage?.(face as never)
  if (name === undefined || name === null || name === '') return undefined
  if (typeof name === 'string') return name
  throw new ConfigError(
    `option "detectLanguage" must return the name of a language, or nothing, got ${printValue(name)}`,
    { failure: 'ERR_TRIBIND_LANGUAGE_DETECTED' },
  )
}

/** Returns whether the head has yet to go out. Logs where it has, and a body in the language may follow it. */
function isHeadOpen(carrier: LanguageCarrier): boolean {
  const { raw, isComplete } = carrier.response
  if (raw.headersSent && !isComplete)
    carrier.log(
      'warn',
      'The language was asked for or set after the head of the response was sent, which says nothing of it: do so earlier',
    )
  return !raw.headersSent
}
