import { createRequire } from 'node:module'
import shared from './.mocharc.mjs'

// Mocha's workers write what they covered as they exit, and are killed if that takes a second, which it does on a busy machine.
// Mocha has no option for it.
const workerpool = createRequire(createRequire(import.meta.url).resolve('mocha'))('workerpool')
const createPool = workerpool.pool
workerpool.pool = (script, options) => createPool(script, { ...options, workerTerminateTimeout: 60_000 })

/** Of the build, so without the condition that leads to the sources, and only tests that import nothing else. */
export default {
  ...shared,
  'node-option': ['import=tsx'],
  spec: [
    'test/feature/**/*.test.ts',
    'test/session/**/*.test.ts',
    'test/testing/**/*.test.ts',
    'test/examples/**/*.test.ts',
    'test/config/**/*.test.ts',
    'test/database/**/*.test.ts',
    'test/forward/**/*.test.ts',
    'test/languages/**/*.test.ts',
  ],
}
