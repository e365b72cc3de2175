import { replaceDefaultLogger } from '../log/create-logger.ts'
import type { Logger } from '../log/logger.ts'
import type { Server } from '../server/server.ts'

/** Writes warnings and errors to `console`, which test runners show beside the test it came from, and nothing else. */
const quietLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(...[message, fields ?? []].flat()),
  error: (message, fields) => console.error(...[message, fields ?? []].flat()),
}

/** Makes a server that was given no logger write warnings and errors only: no access log between the results of tests. */
export function limitDefaultLogger(server: Server): void {
  replaceDefaultLogger(server.logger, quietLogger)
}
