import { ConfigError } from '../index.ts'
import { onDemand } from '../kit.ts'

type Undici = typeof import('undici')

const loadUndici = onDemand<Undici>('undici', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('undici')
  } catch (error) {
    throw missing(error)
  }
})

/** The package `undici`, which applications install. @throws ConfigError where it isn't there */
export function undiciPackage(): Undici {
  try {
    return loadUndici()
  } catch (error) {
    throw error instanceof ConfigError ? error : missing(error)
  }
}

function missing(cause: unknown): ConfigError {
  return new ConfigError(
    'tribind/forward needs the package "undici", which could not be loaded: run npm install undici@7',
    {
      failure: 'ERR_TRIBIND_PACKAGE_MISSING',
      cause,
    },
  )
}
