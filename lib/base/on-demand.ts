import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Whether a bundler made this file part of a program, and packages with it: then `require` isn't Node's, or the program is CommonJS. */
const isBundled = typeof require === 'function'

/**
 * Returns a function that loads a package at its first call and then returns the same.
 *
 * What an application doesn't use adds no time to its start. It is loaded by `require`, which is synchronous, instead of
 * `import()`.
 *
 * @param bundled the same call of `require`, as a bundler must find it to put the package into the program
 */
export function onDemand<Package>(name: string, bundled: () => unknown): () => Package {
  let loaded: Package | undefined
  return () => (loaded ??= (isBundled ? loadBundled(bundled) : requireFrom()(name)) as Package)
}

/** As `onDemand`, for a package that has its code twice: loads the one that `import` loads, so that classes are the application's. */
export function onDemandModule<Module>(name: string, bundled: () => unknown): () => Module {
  let loaded: Module | undefined
  return () => {
    loaded ??= (isBundled ? loadBundled(bundled) : requireFrom()(fileURLToPath(import.meta.resolve(name)))) as Module
    return loaded
  }
}

/** As `onDemand`, for a module of Node.js. */
export function onDemandOfNode<Module>(name: `node:${string}`): () => Module {
  let loaded: Module | undefined
  return () => (loaded ??= process.getBuiltinModule(name) as Module)
}

/** Not at once, since a bundle in CommonJS has no `import.meta.url`, nor a need for it. */
function requireFrom(): NodeJS.Require {
  return createRequire(import.meta.url)
}

/**
 * Runs a package that was bundled into an ES module.
 *
 * CommonJS packages in it require modules of Node.js while they are loaded, for which esbuild looks for a global `require`:
 * there is one for that time only.
 */
function loadBundled(load: () => unknown): unknown {
  const { url }: { readonly url?: string } = import.meta
  if ('require' in globalThis || url === undefined) return load()
  Object.defineProperty(globalThis, 'require', { value: requireFrom(), configurable: true })
  try {
    return load()
  } finally {
    Reflect.deleteProperty(globalThis, 'require')
  }
}
