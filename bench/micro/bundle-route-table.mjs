// The route table alone: it is internal, and dist/ is bundled.

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const inRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Bundles what tribind-router.mjs needs into one file, with the settings of the build. */
export function bundleRouteTable() {
  return build({
    stdin: {
      contents: `
        export { parsePath } from './base/path.ts'
        export { isPathAlone, parseTarget } from './base/request-target.ts'
        export { readParams } from './routing/match-route.ts'
        export { parsePattern } from './routing/pattern.ts'
        export { RouteTable } from './routing/route-table.ts'`,
      resolveDir: inRoot('lib'),
    },
    outfile: inRoot('bench/micro/built/route-table.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  })
}
