import type { Logger } from '../index.ts'

/** Writes what the server of the administration logs, in the log of the server that it administers. */
export function adminLogger(logger: Logger): Logger {
  const field = { component: 'admin' }
  return {
    debug: (message, fields) => logger.debug(message, { ...fields, ...field }),
    // It starts and stops with the other server, which tells of that.
    info: (message, fields) => logger.debug(message, { ...fields, ...field }),
    warn: (message, fields) => logger.warn(`Administration: ${message}`, { ...fields, ...field }),
    error: (message, fields) => logger.error(`Administration: ${message}`, { ...fields, ...field }),
  }
}
