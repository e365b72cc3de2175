import { ConfigError } from './errors.ts'

/**
 * Gives a function back, so that what is none is told where it was handed over and not where it would be called.
 *
 * @throws ConfigError naming the call
 */
export function checkFunction<T>(call: string, value: T): T {
  if (typeof value !== 'function') throw new ConfigError(`${call} takes a function, not ${String(value)}`)
  return value
}
