/**
 * What tribind writes its log through; `console` fits as it is.
 *
 * `fields.error` holds the error where there is one.
 */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** The default logger: warnings and errors go to stderr, the rest nowhere. */
export const stderrLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(...line('warn', message, fields)),
  error: (message, fields) => console.error(...line('error', message, fields)),
}

function line(level: string, message: string, fields?: Record<string, unknown>): unknown[] {
  return fields === undefined ? [`[tribind] ${level}: ${message}`] : [`[tribind] ${level}: ${message}`, fields]
}
