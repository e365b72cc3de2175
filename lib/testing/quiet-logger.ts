import type { Logger } from '../log/logger.ts'

/** Warnings and errors alone, through `console`: test runners show what goes there beside the test it came from. */
export const quietLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(...[message, fields ?? []].flat()),
  error: (message, fields) => console.error(...[message, fields ?? []].flat()),
}
