import type { Writable } from 'node:stream'
import { ConfigError } from '../base/errors.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { isFunction, oneOf } from '../options/option-kinds.ts'
import { printValue } from '../options/print-value.ts'
import { formatJson, formatText, type LogRecord } from './format-record.ts'
import { type Level, levels, type Logger } from './logger.ts'

/** Where a logger writes to, and from which level on. */
export interface LoggerOptions {
  /** `silent` for nothing at all. Default: the environment variable LOG_LEVEL, else `info`. */
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
 * A logger that writes each record as one line of JSON or, on a terminal, as text. It never throws, whatever it is given.
 *
 * @throws ConfigError for a level, or a LOG_LEVEL, that doesn't exist
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level: threshold, stream } = loggerOptions.parse(options)
  // A pipe that nobody reads any more is no reason to end the process.
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
  // Node.js heeds NO_COLOR and the like in it.
  const hasColors = stream.hasColors?.() === true
  const format = stream.isTTY ? (record: LogRecord) => formatText(record, hasColors) : formatJson
  const at = (level: Level): Logger[Level] => {
    if (thresholds.indexOf(level) < thresholds.indexOf(threshold)) return () => {}
    return (message, fields) => {
      try {
        stream.write(`${format({ level, message, fields })}\n`)
      } catch {
        // Whoever logs has no use for an error of the log, least of all for that of a full stack.
      }
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function readLevel(): Level | 'silent' {
  const given = process.env['LOG_LEVEL']?.toLowerCase() || 'info'
  const level = thresholds.find((name) => name === given)
  if (level !== undefined) return level
  throw new ConfigError(
    `environment variable LOG_LEVEL must be one of ${thresholds.join(', ')}, got ${printValue(given)}`,
  )
}

function isStream(value: unknown): boolean {
  return isObject(value) && isFunction((value as Partial<Writable>).write)
}

function ignore(): void {}
