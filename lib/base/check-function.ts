import { ConfigError } from './errors.ts'

/**
 * Returns a function as it is, so that an argument that isn't one fails where it is passed and not where it would be called.
 *
 * @param call what the message begins with; a function is called for it if there is one
 * @throws ConfigError naming the call
 */
export function checkFunction<T>(call: string | (() => string), value: T, argument = 'the argument'): T {
  if (typeof value === 'function') return value
  const got = value === null ? 'null' : `a value of type ${typeof value}`
  const place = typeof call === 'string' ? call : call()
  throw new ConfigError(`${place}: ${argument} must be a function, got ${got}`, {
    failure: 'ERR_TRIBIND_ARGUMENT_NOT_A_FUNCTION',
  })
}
