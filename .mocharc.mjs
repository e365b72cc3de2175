import { availableParallelism } from 'node:os'

export default {
  'node-option': ['import=tsx', 'conditions=source'],
  require: ['./test/quiet-log.ts'],
  parallel: true,
  // Mocha leaves one core free unless told, which on two cores means one file at a time.
  jobs: Math.max(2, availableParallelism()),
  'forbid-only': true,
  'forbid-pending': true,
  // Enough for the properties on a machine that others use as well.
  timeout: 30_000,
}
