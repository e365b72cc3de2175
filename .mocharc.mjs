import { availableParallelism } from 'node:os'

export default {
  'node-option': ['import=tsx', 'conditions=source'],
  require: ['./test/quiet-log.ts'],
  parallel: true,
  // Mocha leaves one core free unless told, which on two cores means one file at a time.
  jobs: Math.max(2, availableParallelism()),
  'forbid-only': true,
  'forbid-pending': true,
  timeout: 10000,
}
