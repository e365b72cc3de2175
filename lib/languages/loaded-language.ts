import type { Language } from '../index.ts'
import type { Line } from './text-line.ts'

/** Where the lines of a language come from, those it falls back to included. */
export interface LineSource {
  find(key: string): Line | undefined
  /** Returns what stands for a line that isn't there. */
  missing(key: string): string
}

const noValues = {}
/** How many formatters of numbers or dates a language keeps; options may come from users. */
const MAX_FORMATTERS = 100

/** A language of a folder. */
export class LoadedLanguage implements Language {
  readonly name: string
  readonly #source: LineSource
  readonly #numbers = new Map<string, Intl.NumberFormat>()
  readonly #dates = new Map<string, Intl.DateTimeFormat>()

  constructor(name: string, source: LineSource) {
    this.name = name
    this.#source = source
  }

  t(key: string, values: object = noValues): string {
    const line = this.#source.find(key)
    return line === undefined ? this.#source.missing(key) : line(values)
  }

  has(key: string): boolean {
    return this.#source.find(key) !== undefined
  }

  number(value: number | bigint, options?: Intl.NumberFormatOptions): string {
    return keep(this.#numbers, options, () => new Intl.NumberFormat(this.name, options)).format(value)
  }

  date(value: Date | number, options?: Intl.DateTimeFormatOptions): string {
    return keep(this.#dates, options, () => new Intl.DateTimeFormat(this.name, options)).format(value)
  }
}

/** Returns the formatter for some options. To create one takes a hundred times as long as to use it. */
function keep<Formatter>(
  formatters: Map<string, Formatter>,
  options: object | undefined,
  create: () => Formatter,
): Formatter {
  const key = options === undefined ? '' : JSON.stringify(options)
  let formatter = formatters.get(key)
  if (formatter === undefined) {
    if (formatters.size >= MAX_FORMATTERS) formatters.clear()
    formatters.set(key, (formatter = create()))
  }
  return formatter
}
