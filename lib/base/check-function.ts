import { ConfigError } from './errors.ts'

/**
 * Returns a function as it is, so that an argument that isn't one fails where it is passed and not where it would be called.
 *
 * @throws ConfigError naming the call
 */
export function checkFunction<T>(call: string, value: T): T {
  if (typeof value === 'function') return value
  const got = value === null ? 'null' : `a value of type ${typeof value}`
  throw new ConfigError(`${call}: the argument must be a function, got ${got}`, {
    failure: 'ERR_TRIBIND_ARGUMENT_NOT_A_FUNCTION',
  })
}
