import type { Logger } from 'tribind'

/** Logs nothing. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Returns a logger that keeps the messages of a level. */
export function keepLog(level: 'warn' | 'error', kept: string[]): Logger {
  return { ...silent, [level]: (message: string) => void kept.push(message) }
}
