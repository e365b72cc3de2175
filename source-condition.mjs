// Takes the condition `source` out of package.json while it is packed, and puts it back: lib/, which it names, isn't packed,
// so `node --conditions=source` would find no tribind in an application.

import { readFileSync, writeFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const change = process.argv[2] === 'restore' ? restore : remove
const entries = Object.entries(manifest.exports).map(([path, entry]) => [path, entry.default ? change(entry) : entry])
manifest.exports = Object.fromEntries(entries)
writeFileSync('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`)

function remove({ source: _, ...entry }) {
  return entry
}

function restore(entry) {
  const source = entry.default.replace('./dist/', './lib/').replace(/\.js$/, '.ts')
  return { source, ...entry }
}
