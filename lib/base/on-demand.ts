import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * Returns a function that loads a package, or a module of Node.js, at its first call and then returns the same.
 *
 * What an application doesn't use adds no time to its start. It is loaded by `require`, which is synchronous, instead of `import()`.
 */
export function onDemand<Package>(load: (require: NodeJS.Require) => Package): () => Package {
  let loaded: Package | undefined
  return () => (loaded ??= load(require))
}
