import { onDemand } from './on-demand.ts'

/** Returns what keeps facts of classes and objects beside them, of each by a key of tribind. */
export const metadata: () => typeof import('reflect-metadata/no-conflict') = onDemand(
  'reflect-metadata/no-conflict',
  () => require('reflect-metadata/no-conflict'),
)
