// What the figures depend on: the machine, Node.js and the versions measured.

import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { frameworks } from './frameworks.mjs'

export function describeRun(options, notPinned) {
  return {
    date: new Date().toISOString(),
    node: process.version,
    system: `${type()} ${release()}`,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryBytes: totalmem(),
    pinned: notPinned === undefined,
    versions: readVersions(options.frameworks),
    launches: options.launches,
    rounds: options.rounds,
    seconds: options.seconds,
    warmUpSeconds: options.warmUpSeconds,
    connections: options.connections,
  }
}

/** Variants of node:http are Node's, as bare is. */
function readVersions(names) {
  const packages = names.filter((name) => name === 'bare' || frameworks[name] !== null)
  return Object.fromEntries(packages.map((name) => [name, readVersion(frameworks[name])]))
}

function readVersion(folder) {
  if (folder === null) return process.versions.node
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8')).version
}
