import { ConfigError } from '../index.ts'

/** Returns the package of a driver. @throws ConfigError where it isn't there */
export function driverPackage<Package>(name: string, load: () => Package): Package {
  try {
    return load()
  } catch (cause) {
    throw new ConfigError(`database needs the package "${name}", which could not be loaded: run npm install ${name}`, {
      failure: 'ERR_TRIBIND_PACKAGE_MISSING',
      cause,
    })
  }
}
