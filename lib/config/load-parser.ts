import { ConfigError } from '../index.ts'
import { onDemand } from '../kit.ts'

/**
 * Returns a function that loads a parser at its first call.
 *
 * @param kind the extension of the files that need it
 * @param bundled as for `onDemand`, in a `try` so that bundlers let the package be missing
 * @throws ConfigError if the package isn't installed
 */
export function loadParser<Package>(name: string, kind: string, bundled: () => unknown): () => Package {
  const load = onDemand<Package>(name, bundled)
  return () => {
    try {
      return load()
    } catch (error) {
      throw error instanceof ConfigError ? error : missingParser(name, kind, error)
    }
  }
}

/** Creates the error about a parser that can't be loaded. */
export function missingParser(name: string, kind: string, cause: unknown): ConfigError {
  return new ConfigError(
    `${kind} files need the package "${name}", which could not be loaded: run npm install ${name}`,
    { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
  )
}
