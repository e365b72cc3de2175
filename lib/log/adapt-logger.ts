import { isPromise } from '../base/in-turn.ts'
import { type Level, levels, type Logger } from './logger.ts'

type Call = (level: Level, message: string, ...fields: [Record<string, unknown>?]) => unknown

/**
 * Returns a logger that writes to the application's own, also to one of pino, which takes the fields first.
 *
 * It never throws: what the application's logger throws or rejects with is dropped, and no request fails for it.
 */
export function adaptLogger(given: Logger): Logger {
  const call = isPino(given) ? callPino(given) : callLogger(given)
  const at =
    (level: Level): Logger[Level] =>
    (...record) => {
      try {
        const result = call(level, ...record)
        if (isPromise(result)) result.then(undefined, () => {})
      } catch {
        // The failure of a logger can't be logged.
      }
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Returns whether a value has a function for each level. */
export function isLogger(value: unknown): value is Logger {
  return typeof value === 'object' && value !== null && levels.every((level) => isFunction(value, level))
}

// Looked up for each record: pino replaces its functions when its level is set.
function callLogger(logger: Logger): Call {
  // `console` would print an argument that is passed and undefined.
  return (level, message, ...fields) => logger[level](message, ...fields)
}

function callPino(logger: object): Call {
  const pino = logger as Record<Level, (fields: object, message: string) => unknown>
  return (level, message, { error, ...others } = {}) =>
    // Pino's serializer for errors is bound to the name `err`.
    pino[level](error === undefined ? others : { ...others, err: error }, message)
}

/** Returns whether a logger is one of pino. A logger of winston has children too, but no bindings. */
function isPino(logger: object): boolean {
  return isFunction(logger, 'bindings') && isFunction(logger, 'child')
}

function isFunction(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === 'function'
}
