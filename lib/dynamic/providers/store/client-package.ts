import { ConfigError } from '../../../index.ts'

/**
 * Returns the package of a client.
 *
 * @param provider what needs it, such as `redisProvider`
 * @throws ConfigError where it isn't there
 */
export function clientPackage<Package>(provider: string, name: string, load: () => Package): Package {
  try {
    return load()
  } catch (error) {
    throw error instanceof ConfigError ? error : missingPackage(provider, name, error)
  }
}

/** Creates the error about a package that can't be loaded. @param provider what needs it */
export function missingPackage(provider: string, name: string, cause: unknown): ConfigError {
  return new ConfigError(
    `${provider} needs the package "${name}", which could not be loaded: run npm install ${name}`,
    {
      failure: 'ERR_TRIBIND_PACKAGE_MISSING',
      cause,
    },
  )
}
