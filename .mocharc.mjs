import { availableParallelism } from 'node:os'

export default {
  'node-option': ['import=tsx', 'conditions=source'],
  require: ['./test/quiet-log.ts'],
  parallel: true,
  // One more than there are cores, for many tests wait.
  jobs: availableParallelism() + 1,
  'forbid-only': true,
  'forbid-pending': true,
  // Enough for the properties on a machine that others use as well.
  timeout: 30_000,
}
