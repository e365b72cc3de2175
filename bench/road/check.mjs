// `npm run check:road`: how far one request leads through the files of lib. It fails above limits.mjs.
//
// A figure is counted in one request of each scenario, on a connection that is open already, after others like it:
//
// - calls: how often a function of lib is entered; functions, arrow functions, methods, getters, setters, constructors
//   and field initialisers that call something, also those that run after the response has ended but belong to it;
// - files: how many files of lib these functions are in;
// - changes of file: how often the function that is entered next is in another file than the one before. Going on after
//   a call or an `await` is no entry and isn't counted, so that a file that calls two functions of another one in a row
//   counts one change.
//
// Options: --walk <scenario> prints the road, --importers the files with one importer, --lib <folder> counts another lib.

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { countRoads } from './count-roads.mjs'
import * as limits from './limits.mjs'
import { listWithOneImporter, readFiles } from './one-importer.mjs'
import { toWalk } from './record.mjs'
import { scenarios } from './scenarios.mjs'

const { values } = parseArgs({
  options: {
    walk: { type: 'string' },
    importers: { type: 'boolean' },
    lib: { type: 'string', default: fileURLToPath(new URL('../../lib', import.meta.url)) },
  },
})
const lib = resolve(values.lib)
const failures = []
if (values.walk !== undefined) await printWalk(values.walk)
else if (values.importers) printImporters()
else await check()
if (failures.length > 0) console.error(`\n${failures.join('\n')}`)
process.exitCode = failures.length === 0 ? 0 : 1

async function check() {
  const roads = await countRoads(lib)
  console.log(`${'scenario'.padEnd(34)}calls    files  limit  changes of file  limit`)
  for (const [name, entries] of Object.entries(roads)) checkRoad(name, entries)
  const files = readFiles(lib)
  const share = listWithOneImporter(files).length / files.size
  console.log()
  report('files of lib with one importer, %', share * 100, limits.shareWithOneImporter * 100, '--importers lists them')
  for (const [file, { lines }] of longest(files)) report(`lines of ${file}`, lines, limits.linesOfFile)
}

function checkRoad(name, entries) {
  const walk = toWalk(entries)
  const limit = limits.road[name]
  const figures = { files: new Set(walk.map(({ file }) => file)).size, changes: walk.length - 1 }
  const columns = [
    [entries.length, 5],
    [figures.files, 9],
    [limit.files, 7],
    [figures.changes, 17],
    [limit.changes, 7],
  ]
  console.log(name.padEnd(34) + columns.map(([figure, width]) => String(figure).padStart(width)).join(''))
  fail(`${name}: files`, figures.files, limit.files, `--walk ${name} prints the road`)
  fail(`${name}: changes of file`, figures.changes, limit.changes, `--walk ${name} prints the road`)
}

/** Returns the longest file and all others that are too long. */
function longest(files) {
  const sorted = [...files].toSorted(([, a], [, b]) => b.lines - a.lines)
  return sorted.filter(([, { lines }], place) => place === 0 || lines > limits.linesOfFile)
}

function report(what, figure, limit, hint) {
  console.log(`${what.padEnd(34)}${format(figure).padStart(5)}    limit ${limit}`)
  fail(what, figure, limit, hint)
}

function fail(what, figure, limit, hint) {
  if (figure > limit) failures.push(`${what}: ${format(figure)}, limit ${limit}${hint ? ` (${hint})` : ''}`)
}

async function printWalk(name) {
  if (!Object.hasOwn(scenarios, name)) {
    throw new Error(`--walk must be one of ${Object.keys(scenarios).join(', ')}, got "${name}"`)
  }
  const walk = toWalk((await countRoads(lib))[name])
  for (const [place, { file, names }] of walk.entries()) {
    console.log(`${String(place).padStart(3)} ${file}`)
    for (const entered of names) console.log(`      ${entered}`)
  }
}

function printImporters() {
  for (const { file, importer } of listWithOneImporter(readFiles(lib))) console.log(`${importer}  <-  ${file}`)
}

function format(figure) {
  return Number.isInteger(figure) ? String(figure) : figure.toFixed(1)
}
