import type { Logger } from '../log/logger.ts'

/** A language, with its lines of text. */
export interface Language {
  /** A BCP 47 tag in its canonical form, such as `pt-BR`. */
  readonly name: string
  /**
   * Returns a line with values in the places of `{name}`. **Security:** nothing is escaped; templates do that with what they print.
   *
   * @param values by name; a line with plural forms takes the form for `count`
   */
  t(key: string, values?: object): string
  /** Returns whether there is a line for the key, also in a language that this one falls back to. */
  has(key: string): boolean
  /** Formats a number as `Intl.NumberFormat` does. */
  number(value: number | bigint, options?: Intl.NumberFormatOptions): string
  /** Formats a date, or a time in milliseconds, as `Intl.DateTimeFormat` does. */
  date(value: Date | number, options?: Intl.DateTimeFormatOptions): string
}

/** What a server needs of its languages. `tribind/languages` has them. */
export interface ServerLanguages {
  /** Returns the language of a name, or the default one if there is none. */
  get(name: string): Language
  /** Returns the language that an Accept-Language field asks for, or the default one. */
  detect(acceptLanguage: string | undefined): Language
  /** Takes the logger of a server that uses them, to warn of lines that are missing. */
  reportTo?(logger: Logger): void
}
