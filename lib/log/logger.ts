/**
 * The interface of the log. `console`, winston and pino implement it as they are.
 *
 * `fields.error` is the error, if there is one.
 */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** The levels of records, the least urgent first. */
export const levels = ['debug', 'info', 'warn', 'error'] as const

/** How urgent a record is. */
export type Level = (typeof levels)[number]
