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
  } catch (cause) {
    throw new ConfigError(
      `${provider} needs the package "${name}", which could not be loaded: run npm install ${name}`,
      { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
    )
  }
}
