// The small benchmark: `npm run bench:micro` in the root of the repository; README.md says what each figure means.

import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildTribind, installPeers } from '../http/prepare.mjs'
import { bundleRouteTable } from './bundle-route-table.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    only: { type: 'string', default: 'table,pipeline' },
    sizes: { type: 'string', default: '10,100,1000,10000,100000' },
  },
})
const rounds = Number(values.rounds)
const parts = values.only.split(',')

installPeers(fileURLToPath(new URL('.', import.meta.url)))
buildTribind()
await bundleRouteTable()
console.log(`Node.js ${process.version} on ${cpus().length} × ${cpus()[0]?.model}; ${rounds} rounds\n`)
// Only now: what they import may just have been installed and built.
const { formatPipeline, formatTable } = await import('./format.mjs')
if (parts.includes('table')) {
  const { measureTable } = await import('./route-table.mjs')
  for (const size of values.sizes.split(',').map(Number)) console.log(formatTable(measureTable(size, rounds)))
}
if (parts.includes('pipeline')) {
  const { measurePipeline } = await import('./pipeline.mjs')
  console.log(formatPipeline(measurePipeline(rounds)))
}
