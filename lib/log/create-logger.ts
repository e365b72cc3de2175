import type { Writable } from 'node:stream'
import { ConfigError } from '../base/errors.ts'
import { formatJson, formatText, type LogRecord } from './format-record.ts'
import { type Level, levels, type Logger } from './logger.ts'

/** Where a logger writes to, and from which level on. */
export interface LoggerOptions {
  /** `silent` for nothing at all. Default: the environment variable LOG_LEVEL, else `info`. */
  level?: Level | 'silent'
  /** Default: stderr. */
  stream?: Writable & { readonly isTTY?: boolean; hasColors?(): boolean }
}

/**
 * A logger that writes each record as one line of JSON or, on a terminal, as text. It never throws, whatever it is given.
 *
 * @throws ConfigError for a level, or a LOG_LEVEL, that doesn't exist
 */
export function createLogger({ level, stream = process.stderr }: LoggerOptions = {}): Logger {
  const threshold = level === undefined ? readLevel(process.env) : checkLevel(level, 'the option "level"')
  // A pipe that nobody reads any more is no reason to end the process.
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore)
  // Node.js heeds NO_COLOR and the like in it.
  const hasColors = stream.hasColors?.() === true
  const format = stream.isTTY ? (record: LogRecord) => formatText(record, hasColors) : formatJson
  const at = (level: Level): Logger[Level] => {
    if (levels.indexOf(level) < threshold) return () => {}
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

function readLevel({ LOG_LEVEL }: NodeJS.ProcessEnv): number {
  return checkLevel(LOG_LEVEL?.toLowerCase() || 'info', 'the environment variable LOG_LEVEL')
}

/** Gives how many levels are left out. */
function checkLevel(level: string, what: string): number {
  const known: readonly string[] = [...levels, 'silent']
  if (!known.includes(level))
    throw new ConfigError(`${what} is one of ${known.join(', ')}, not ${JSON.stringify(level)}`)
  return known.indexOf(level)
}

function ignore(): void {}
