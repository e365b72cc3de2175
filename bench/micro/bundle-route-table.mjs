// The route table alone: it is internal, and dist/ is bundled.

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const inRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Bundles what tribind-router.mjs needs into one file, with the settings of the build. */
export function bundleRouteTable() {
  return build({
    stdin: {
      contents: `
        export { runAtOnce } from './base/steps.ts'
        export { parsePath } from './net/path.ts'
        export { parseTarget } from './net/request-target.ts'
        export { compareBound } from './routing/bound.ts'
        export { readParams } from './routing/match-route.ts'
        export { parsePattern } from './routing/pattern.ts'
        export { RouteIndex } from './routing/route-index.ts'
        export { MethodGroups } from './routing/method-groups.ts'
        export { RouteTable, TablePart } from './routing/route-table.ts'`,
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
