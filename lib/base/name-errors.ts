import { ConfigError } from './errors.ts'

/** Returns what a function returns. The message of a ConfigError that it throws begins with the place that it is about. */
export function nameErrors<T>(place: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { message, failure, cause } = error
    throw new ConfigError(`${place}: ${message}`, { failure, ...(cause !== undefined && { cause }) })
  }
}
