import { ConfigError, type Language, LanguageError } from '../index.ts'
import { printValue } from '../kit.ts'
import type { Forms } from './flatten-lines.ts'
import { createTextLine, type Line, type OnMissingValue, ownValue } from './text-line.ts'

/**
 * Another syntax of lines. It is called for each text when that is loaded.
 *
 * @returns a function of the values that are passed to `t`
 */
export type LineFormat = (text: string, language: Language) => (values: Readonly<Record<string, unknown>>) => string

/** Where a line is, and how it is read. */
export interface LineContext {
  readonly language: Language
  readonly key: string
  /** What the line comes from, for messages, such as a file. */
  readonly place: string
  readonly strict: boolean
  readonly format: LineFormat | undefined
}

/** Returns a line of a language. @throws ConfigError for a text that the option `format` throws for */
export function createLine(source: string | Forms, context: LineContext): Line {
  const onMissing: OnMissingValue = (name, written) => {
    if (!context.strict) return written
    throw new LanguageError(`${nameLine(context)} needs the value ${printValue(name)}, which isn't passed`, {
      failure: 'ERR_TRIBIND_LANGUAGE_VALUE',
    })
  }
  const create = (text: string) =>
    context.format === undefined ? createTextLine(text, onMissing) : createByFormat(text, context.format, context)
  if (typeof source === 'string') return create(source)
  const lines = new Map(Object.entries(source).map(([form, text]) => [form, create(text)]))
  return createFormsLine(lines, context.language.name, onMissing)
}

/** Returns a line whose form is chosen by `count`: `=0` for exactly that number, else that of the plural category, else `other`. */
function createFormsLine(lines: ReadonlyMap<string, Line>, language: string, onMissing: OnMissingValue): Line {
  const other = lines.get('other') as Line
  let rules: Intl.PluralRules | undefined
  return (values) => {
    const count = ownValue(values, 'count')
    if (count === undefined) onMissing('count', '')
    const exact = lines.get(`=${String(count)}`)
    if (exact !== undefined) return exact(values)
    rules ??= new Intl.PluralRules(language)
    return (lines.get(rules.select(Number(count))) ?? other)(values)
  }
}

function createByFormat(text: string, format: LineFormat, context: LineContext): Line {
  const { language, place, strict } = context
  let run: ReturnType<LineFormat>
  try {
    run = format(text, language)
  } catch (cause) {
    throw new ConfigError(`${place}: ${nameLine(context)} can't be read by the option "format": ${describe(cause)}`, {
      failure: 'ERR_TRIBIND_LANGUAGE_SYNTAX',
      cause,
    })
  }
  return (values) => {
    try {
      return run(values as Record<string, unknown>)
    } catch (cause) {
      // As a place without a value: it stays as written.
      if (!strict) return text
      throw new LanguageError(`${nameLine(context)} can't be formatted: ${describe(cause)}`, {
        failure: 'ERR_TRIBIND_LANGUAGE_FORMAT',
        cause,
      })
    }
  }
}

function nameLine({ key, language }: LineContext): string {
  return `line ${printValue(key)} of language "${language.name}"`
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
