// Compares how long TypeScript takes for an application: with declared endpoints and without, with handlers that are typed by their
// patterns and with untyped ones. `npm run build` makes the declarations that it reads.
//
// node bench/types/run.mjs [--only handlers,declarations] [--typescript 5,6,7] [--endpoints 500] [--rounds 5]

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installPeers } from '../http/prepare.mjs'
import { median } from '../median.mjs'
import { comparisons } from './applications.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(comparisons).join() },
    typescript: { type: 'string', default: '5,6,7' },
    endpoints: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
})

installPeers(here)
const folder = mkdtempSync(join(tmpdir(), 'tribind-bench-types-'))
try {
  console.log('                                     check time          processor time      instantiations')
  for (const name of values.only.split(',')) {
    const { contestants, head, maxRatio, ...comparison } = comparisons[name]
    const count = Number(values.endpoints ?? comparison.endpoints)
    const paths = Object.entries(contestants).map(([contestant, write]) => {
      const path = join(folder, `${name}-${contestant}`)
      writeApplication(
        path,
        head,
        Array.from({ length: count }, (_, i) => write(i)),
      )
      return [contestant, path]
    })
    for (const version of values.typescript.split(',')) {
      const ratio = compare(`${count} ${name}, TypeScript ${version}`, paths, version)
      if (ratio <= maxRatio) continue
      console.error(`it takes more than ${maxRatio} times as long`)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}

/** Prints the figures of all contestants, and returns the ratio of the check times of the last and the first. */
function compare(title, paths, version) {
  const runs = Object.fromEntries(paths.map(([contestant]) => [contestant, []]))
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [contestant, path] of round % 2 === 0 ? paths : paths.toReversed())
      runs[contestant].push(check(path, version))
  console.log(title)
  const [[, first]] = Object.entries(runs)
  let last = 1
  for (const [contestant, all] of Object.entries(runs)) {
    const cells = ['check', 'total', 'instantiations'].map((key) => {
      const ratios = all.map((run, i) => run[key] / first[i][key])
      if (key === 'check') last = median(ratios)
      const range = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`
      return `${median(ratios).toFixed(2)} (${range})`.padEnd(20)
    })
    const seconds = `${median(all.map((run) => run.check)).toFixed(2)} s`
    console.log(`  ${contestant.padEnd(25)}${seconds.padEnd(10)}${cells.join('')}`)
  }
  return last
}

/** Ten files, as an application has its endpoints in several. */
function writeApplication(path, head, endpoints) {
  mkdirSync(path)
  const files = Array.from({ length: 10 }, (_, i) => endpoints.filter((_endpoint, number) => number % 10 === i))
  for (const [i, own] of files.entries()) writeFileSync(join(path, `routes-${i}.ts`), `${head}\n${own.join('\n')}\n`)
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }')
  const paths = { tribind: [join(root, 'dist/index.d.ts')], zod: [join(root, 'node_modules/zod/index.d.ts')] }
  const compilerOptions = {
    paths,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify(config))
}

/** Returns the seconds that a check takes, and how many types it made of others. */
function check(path, version) {
  const compiler = join(here, `node_modules/typescript-${version}/bin/tsc`)
  const command = [process.execPath, compiler, '-p', path, '--extendedDiagnostics']
  const timed = ['-c', 'TIMEFORMAT=%U; time "$@"', 'time', ...command]
  const { status, stdout, stderr } = spawnSync('bash', timed, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the application in ${path} doesn't compile: ${stdout.slice(0, 2000)}`)
  const read = (label) => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1] ?? NaN)
  return { check: read('Check time'), total: Number(stderr), instantiations: read('Instantiations') }
}
