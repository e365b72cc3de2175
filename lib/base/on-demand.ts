import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * A package, or module of Node.js, that is loaded when something of it is first used: what an application doesn't use
 * costs its start no time. `require` instead of `import()`, so that nobody has to wait for it.
 */
export function onDemand<Package>(load: (require: NodeJS.Require) => Package): () => Package {
  let loaded: Package | undefined
  return () => (loaded ??= load(require))
}
