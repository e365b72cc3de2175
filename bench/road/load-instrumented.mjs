// lib, with every function reporting its entry.

import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { instrument } from './instrument.mjs'

// Within the repository, where packages are found from.
const folder = fileURLToPath(new URL('built', import.meta.url))

/** Imports what `index.ts` of a folder like lib exports, from an instrumented copy. */
export async function loadInstrumented(lib) {
  await mkdir(folder, { recursive: true })
  const outfile = join(folder, `lib-${process.pid}.js`)
  try {
    await build({ ...options, entryPoints: [join(lib, 'index.ts')], outfile, plugins: [instrumentFiles(lib)] })
    return await import(pathToFileURL(outfile))
  } finally {
    await rm(outfile, { force: true })
  }
}

/** Those of build.mjs. */
const options = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
}

function instrumentFiles(lib) {
  const load = async ({ path }) => ({
    contents: instrument(await readFile(path, 'utf8'), relative(lib, path).replaceAll(sep, '/')),
    loader: 'ts',
  })
  return { name: 'instrument', setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, load) }
}
