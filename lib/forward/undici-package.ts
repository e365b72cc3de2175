import { ConfigError } from '../index.ts'
import { onDemand } from '../kit.ts'

// What is public refers to undici by these alone. Where it isn't installed they are `any`: programs that use nothing of it compile
// also without `skipLibCheck`.

/** @ts-ignore */
type Undici = typeof import('undici')

/** @ts-ignore */
export type Dispatcher = import('undici').Dispatcher

/** @ts-ignore */
export type AgentOptions = import('undici').Agent.Options

/** @ts-ignore */
export type ConnectOptions = import('undici').buildConnector.BuildOptions

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
