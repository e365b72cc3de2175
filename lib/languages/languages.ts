import { createLogger, type Language, LanguageError, type Logger, type ServerLanguages } from '../index.ts'
import { printValue } from '../kit.ts'
import { createLine, type LineFormat } from './create-line.ts'
import { flattenLines, type LineEntry, type LinesObject } from './flatten-lines.ts'
import { canonicalName, readName } from './language-name.ts'
import { LoadedLanguage } from './loaded-language.ts'
import { lookUp, parentOf } from './look-up.ts'
import type { Line } from './text-line.ts'

/** How many missing lines are warned of: keys may come from users. */
const MAX_WARNINGS = 1000

/** How lines are read. */
export interface LanguagesSettings {
  readonly default: string
  readonly strict: boolean
  readonly format?: LineFormat
}

/** A language with its own lines, and all in which a line is looked for: its own, its parents', the default's. */
interface Entry {
  readonly language: LoadedLanguage
  readonly lines: Map<string, Line>
  chain: readonly ReadonlyMap<string, Line>[]
}

/** The languages of an application. */
export class Languages implements ServerLanguages {
  readonly #settings: LanguagesSettings
  /** By name in lower case. */
  readonly #entries = new Map<string, Entry>()
  /** Names by themselves in lower case. */
  readonly #names = new Map<string, string>()
  readonly #warned = new Set<string>()
  #logger: Logger | undefined = undefined

  /**
   * @internal
   *
   * @param names in their canonical form; the default is one of them
   */
  constructor(names: readonly string[], settings: LanguagesSettings) {
    this.#settings = settings
    for (const name of names) this.#open(this.#create(name))
  }

  /** The name of the default language. */
  get default(): string {
    return this.#settings.default
  }

  /** All names: those of the folder in alphabetical order, then those that were loaded later. */
  get names(): readonly string[] {
    return [...this.#names.values()]
  }

  /** Returns the language of a name in any case, or the default one if there is none. */
  get(name: string): Language {
    const entry = this.#find(name) ?? (this.#entries.get(this.default.toLowerCase()) as Entry)
    return entry.language
  }

  /** Returns the language that an Accept-Language field asks for, by look-up (RFC 4647, section 3.4), or the default one. */
  detect(acceptLanguage: string | undefined): Language {
    return this.get(lookUp(acceptLanguage ?? '', this.#names, this.default))
  }

  /**
   * Adds lines to a language, which may be a new one. They replace those of the same key.
   *
   * @throws ConfigError for a wrong name or wrong lines; nothing has changed then
   */
  load(name: string, lines: LinesObject): void {
    const place = `load(${printValue(name)})`
    this.add(readName(name, 'the name of a language'), flattenLines(lines, place), place)
  }

  /** @internal @param place what the lines come from, for messages */
  add(name: string, lines: readonly LineEntry[], place: string): void {
    const known = this.#find(name)
    const entry = known ?? this.#create(name)
    const { strict, format } = this.#settings
    const created = lines.map(([key, source]) => {
      const context = { language: entry.language, key, place, strict, format }
      return [key, createLine(source, context)] as const
    })
    if (known === undefined) this.#open(entry)
    for (const [key, line] of created) entry.lines.set(key, line)
  }

  /** @internal Warns of missing lines there, no longer on stderr. */
  reportTo(logger: Logger): void {
    this.#logger = logger
  }

  #find(name: unknown): Entry | undefined {
    if (typeof name !== 'string') return undefined
    return this.#entries.get(name.toLowerCase()) ?? this.#entries.get(canonicalName(name)?.toLowerCase() ?? '')
  }

  #create(name: string): Entry {
    const language = new LoadedLanguage(name, {
      find(key) {
        for (const lines of entry.chain) {
          const line = lines.get(key)
          if (line !== undefined) return line
        }
        return undefined
      },
      missing: (key) => this.#replaceMissing(key, name),
    })
    const entry: Entry = { language, lines: new Map(), chain: [] }
    return entry
  }

  #open(entry: Entry): void {
    const { name } = entry.language
    this.#entries.set(name.toLowerCase(), entry)
    this.#names.set(name.toLowerCase(), name)
    for (const each of this.#entries.values()) each.chain = this.#chainOf(each.language.name)
  }

  #chainOf(name: string): ReadonlyMap<string, Line>[] {
    const names = new Set([...withParents(name), ...withParents(this.default)])
    return [...names].flatMap((each) => this.#entries.get(each)?.lines ?? [])
  }

  #replaceMissing(key: string, name: string): string {
    const message = `no line ${printValue(key)} in language "${name}", nor in those it falls back to`
    if (this.#settings.strict) throw new LanguageError(message, { failure: 'ERR_TRIBIND_LANGUAGE_MISSING' })
    if (!this.#warned.has(key) && this.#warned.size < MAX_WARNINGS) {
      this.#warned.add(key)
      const logger = (this.#logger ??= createLogger())
      const end = this.#warned.size < MAX_WARNINGS ? '' : '; further missing lines are not logged'
      logger.warn(`There is ${message}: the key stands for it${end}`, { key, language: name })
    }
    return key
  }
}

/** Returns a name in lower case, and its parents, the nearest first. */
function withParents(name: string): string[] {
  const parent = parentOf(name.toLowerCase())
  return [name.toLowerCase(), ...(parent === '' ? [] : withParents(parent))]
}
