import type { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { ConfigError, TribindError } from '../base/errors.ts'
import { Switch } from '../base/switch.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { isFunction, oneOf } from '../options/option-kinds.ts'
import { printValue } from '../options/print-value.ts'
import { type Level, levels, type Logger } from './logger.ts'

/** The stream that a logger writes to, and its level. */
export interface LoggerOptions {
  /** The lowest level that is written; `silent` for none. Default: the environment variable LOG_LEVEL, else `info`. */
  level?: Level | 'silent'
  /** Default: stderr. */
  stream?: Writable & { readonly isTTY?: boolean; hasColors?(): boolean }
}

const thresholds = [...levels, 'silent'] as const

/** The table of the options of `createLogger`. */
export const loggerOptions: OptionTable<LoggerOptions> = defineOptions(
  {
    level: oneOf(thresholds, {
      createDefault: readLevel,
      defaultText: 'the environment variable LOG_LEVEL, else `info`',
    }),
    stream: option(isStream, 'a writable stream', { createDefault: () => process.stderr, defaultText: 'stderr' }),
  },
  { owner: 'createLogger' },
)

/**
 * Creates a logger that writes each record as one line of JSON or, on a terminal, as text. Its functions never throw.
 *
 * @throws ConfigError for an unknown option or a wrong value, and for a LOG_LEVEL that doesn't exist
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level: threshold, stream } = loggerOptions.parse(options)
  // A closed pipe must not end the process.
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
  // Node.js respects NO_COLOR and similar variables here.
  const hasColors = stream.hasColors?.() === true
  const format = stream.isTTY ? (record: LogRecord) => formatText(record, hasColors) : formatJson
  const at = (level: Level): Logger[Level] => {
    if (thresholds.indexOf(level) < thresholds.indexOf(threshold)) return () => {}
    return (message, fields) => {
      try {
        stream.write(`${format({ level, message, fields })}\n`)
      } catch {
        // A caller can't handle an error of the log, least of all a stack overflow.
      }
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const targets = new WeakMap<Logger, Switch<Logger>>()

/** Creates the logger of a server that was given none: that of `createLogger()`, until a test replaces it. */
export function createDefaultLogger(): Logger {
  const target = new Switch(createLogger())
  const logger: Logger = {
    debug: (message, fields) => target.current.debug(message, fields),
    info: (message, fields) => target.current.info(message, fields),
    warn: (message, fields) => target.current.warn(message, fields),
    error: (message, fields) => target.current.error(message, fields),
  }
  targets.set(logger, target)
  return logger
}

/** Makes a default logger write to another; leaves a logger that an application has chosen as it is. */
export function replaceDefaultLogger(logger: Logger, replacement: Logger): void {
  targets.get(logger)?.set(replacement)
}

function readLevel(): Level | 'silent' {
  const given = process.env['LOG_LEVEL']?.toLowerCase() || 'info'
  const level = thresholds.find((name) => name === given)
  if (level !== undefined) return level
  throw new ConfigError(
    `environment variable LOG_LEVEL must be one of ${thresholds.join(', ')}, got ${printValue(given)}`,
    { failure: 'ERR_TRIBIND_LOG_LEVEL' },
  )
}

function isStream(value: unknown): boolean {
  return isObject(value) && isFunction((value as Partial<Writable>).write)
}

function ignore(): void {}

/** One record of the log. */
interface LogRecord {
  readonly level: Level
  readonly message: string
  readonly fields: unknown
}

// Characters that end a line, move the cursor of a terminal or reverse text (Unicode Standard Annex 9).
const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Formats a record as one line of JSON: `level`, `time` and `message`, then the fields, none of which replaces these three. */
function formatJson({ level, message, fields }: LogRecord): string {
  const head = { level, time: new Date(), message: String(message) }
  return escape(JSON.stringify({ ...head, ...plainFields(fields), ...head }))
}

/**
 * Formats a record as one line of text: time, level, message and fields. The stack of an error follows, indented: only a
 * record begins at the start of a line, so no field can imitate one.
 */
function formatText({ level, message, fields }: LogRecord, hasColors: boolean): string {
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

type DescribedError = Partial<
  Record<'name' | 'message' | 'code' | 'failure' | 'stack', string> & Record<'cause' | 'errors', Plain>
>

/** Returns a summary of an error, then its stack and those of its causes. */
function describeError(error: Plain): readonly [Plain, ...string[]] {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return [error]
  const { name, message, code, failure = code, stack, cause, errors = [] } = error as DescribedError
  const frames = `${stack}`.split('\n').filter((line) => /^\s+at /.test(line))
  const causes = [cause ?? [], errors].flat().map(describeError)
  return [
    `${name}: ${message}${failure === undefined ? '' : ` (${failure})`}`,
    ...frames.map((line) => line.trim()),
    ...causes.flatMap(([summary, ...lines]) => [`caused by ${formatValue(summary)}`, ...lines]),
  ]
}

function escape(text: string): string {
  return text.replace(control, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A value that JSON can represent. */
type Plain = string | number | boolean | null | undefined | readonly Plain[] | { readonly [name: string]: Plain }

const MAX_DEPTH = 8

/**
 * Returns a copy of any value that JSON can represent: errors with their parts, instances of classes as `inspect` shows
 * them. What can't be read is replaced by `[unreadable]`.
 */
function toPlain(value: unknown, outer: readonly unknown[] = []): Plain {
  try {
    return convert(value, outer)
  } catch {
    return '[unreadable]'
  }
}

function convert(value: unknown, outer: readonly unknown[]): Plain {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'function') return `[function ${value.name}]`
  if (typeof value !== 'object' || value === null) return value as Plain
  if (outer.includes(value)) return '[circular]'
  if (outer.length >= MAX_DEPTH) return '[too deep]'
  const inner = [...outer, value]
  if (value instanceof TribindError) return copy(value, [...errorParts, 'failure'], inner)
  if (value instanceof Error) return copy(value, [...errorParts], inner)
  if (Array.isArray(value)) return value.map((item) => toPlain(item, inner))
  if (isRecord(value)) return copy(value, Object.keys(value), inner)
  // Bytes would be written one by one.
  const isBytes = ArrayBuffer.isView(value)
  if (!isBytes && 'toJSON' in value && typeof value.toJSON === 'function') return toPlain(value.toJSON(), inner)
  return inspect(value, { depth: 1, breakLength: Infinity })
}

const errorParts = ['name', 'message', 'stack', 'code', 'cause', 'errors'] as const

function copy(value: object, names: readonly string[], inner: readonly unknown[]): Plain {
  const parts = names.map((name) => [name, read(value, name, inner)] as const)
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined))
}

function read(value: object, name: string, inner: readonly unknown[]): Plain {
  try {
    return toPlain((value as Record<string, unknown>)[name], inner)
  } catch {
    return '[unreadable]'
  }
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value)
}
