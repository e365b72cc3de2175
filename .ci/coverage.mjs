// Runs the tests of .mocharc.coverage.mjs over the build, and fails where less of the core is covered than it was.
//
// The build bundles: what holds code of wings alone is left out, since the tests of the wings don't run here. Source maps would tell the files
// of lib apart, but c8 counts functions wrongly through them.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { outputs } = JSON.parse(readFileSync('node_modules/.cache/tribind/build.json', 'utf8'))
const isOfWing = (input) =>
  /^lib\/(admin|cli|config|database|dynamic|forward|languages|openapi|providers)(\/|\.ts$)/.test(input)
const ofWings = Object.entries(outputs)
  .filter(([, { inputs }]) => Object.keys(inputs).every(isOfWing))
  .flatMap(([file]) => ['--exclude', file])

// Some functions of the core serve wings and workers alone, whose tests don't run here.
const limits = ['--check-coverage', '--lines', '80', '--functions', '78', '--branches', '85']
const mocha = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.coverage.mjs']
const c8 = ['node_modules/c8/bin/c8.js', '--reporter=text-summary', '--include', 'dist/**', ...ofWings, ...limits]
const { status } = spawnSync(process.execPath, [...c8, process.execPath, ...mocha], { stdio: 'inherit' })
process.exitCode = status ?? 1
