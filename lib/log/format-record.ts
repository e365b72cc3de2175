import type { Level } from './logger.ts'
import { type Plain, toPlain } from './to-plain.ts'

/** One thing to tell. */
export interface LogRecord {
  readonly level: Level
  readonly message: string
  readonly fields: unknown
}

// What ends a line, moves the cursor of a terminal or turns text around (Unicode Standard Annex 9).
const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** One line of JSON: `level`, `time` and `message`, then the fields, of which none takes the place of these three. */
export function formatJson({ level, message, fields }: LogRecord): string {
  const head = { level, time: new Date(), message: String(message) }
  return escape(JSON.stringify({ ...head, ...plainFields(fields), ...head }))
}

/**
 * One line of text: time, level, message and fields. The stack of an error comes below, indented: as nothing but a
 * record begins a line, no field can look like one.
 */
export function formatText({ level, message, fields }: LogRecord, hasColors: boolean): string {
  const { error, ...others } = plainFields(fields)
  const [summary, ...stack] = error === undefined ? [] : describeError(error)
  const pairs = Object.entries(summary === undefined ? others : { ...others, error: summary })
  const label = level.toUpperCase().padEnd(5)
  const line = [
    new Date().toISOString(),
    hasColors ? `\u001b[${colors[level]}m${label}\u001b[0m` : label,
    escape(String(message)),
    ...pairs.map(([name, value]) => `${escape(name)}=${formatValue(value)}`),
  ]
  return [line.join(' '), ...stack.map((frame) => `    ${escape(frame)}`)].join('\n')
}

// Grey, green, yellow and red (ECMA-48, section 8.3.117).
const colors = { debug: 90, info: 32, warn: 33, error: 31 } as const

function plainFields(fields: unknown): Readonly<Record<string, Plain>> {
  const plain = toPlain(fields ?? {})
  return typeof plain === 'object' ? (plain as Record<string, Plain>) : { fields: plain }
}

function formatValue(value: Plain): string {
  const isWord = typeof value === 'string' && /^[^\s"=]+$/.test(value)
  return escape(isWord ? value : JSON.stringify(value))
}

type DescribedError = Partial<Record<'name' | 'message' | 'code' | 'stack', string> & Record<'cause' | 'errors', Plain>>

/** What an error says in short, then its stack, and the same of what caused it. */
function describeError(error: Plain): readonly [Plain, ...string[]] {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return [error]
  const { name, message, code, stack, cause, errors = [] } = error as DescribedError
  const frames = `${stack}`.split('\n').filter((line) => /^\s+at /.test(line))
  const causes = [cause ?? [], errors].flat().map(describeError)
  return [
    `${name}: ${message}${code === undefined ? '' : ` (${code})`}`,
    ...frames.map((line) => line.trim()),
    ...causes.flatMap(([summary, ...lines]) => [`caused by ${formatValue(summary)}`, ...lines]),
  ]
}

function escape(text: string): string {
  return text.replace(control, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
