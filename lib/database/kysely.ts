import { ConfigError } from '../index.ts'
import { onDemandModule } from '../kit.ts'

const load = onDemandModule<typeof import('kysely')>('kysely', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('kysely')
  } catch (error) {
    throw missing(error)
  }
})

/** The package `kysely`, which applications install. @throws ConfigError where it isn't there */
export function kyselyPackage(): typeof import('kysely') {
  try {
    return load()
  } catch (error) {
    throw error instanceof ConfigError ? error : missing(error)
  }
}

function missing(cause: unknown): ConfigError {
  return new ConfigError('database needs the package "kysely", which could not be loaded: run npm install kysely', {
    failure: 'ERR_TRIBIND_PACKAGE_MISSING',
    cause,
  })
}
