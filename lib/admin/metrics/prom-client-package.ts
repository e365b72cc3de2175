import { ConfigError } from '../../index.ts'
import { onDemand } from '../../kit.ts'

/** The package `prom-client`. */
export type PromClient = typeof import('prom-client')

const load = onDemand<PromClient>('prom-client', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('prom-client')
  } catch (error) {
    throw missing(error)
  }
})

/** The package, which applications install. @throws ConfigError where it isn't there */
export function promClientPackage(): PromClient {
  try {
    return load()
  } catch (error) {
    throw error instanceof ConfigError ? error : missing(error)
  }
}

function missing(cause: unknown): ConfigError {
  return new ConfigError(
    'The metrics need the package "prom-client", which could not be loaded: run npm install prom-client',
    { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
  )
}
