import type { ServicePlace } from '../../kit.ts'
import { codeOfFailure } from './failure-status.ts'
import { Refused } from './refused.ts'
import { formatTarget, type TargetHost } from './target-host.ts'

/** Logs that a proxy didn't connect a client. */
export function reportConnecting({ entryPoint, logger }: ServicePlace, target: TargetHost, error: unknown): void {
  const fields = { entryPoint: entryPoint.name, target: formatTarget(target) }
  if (error instanceof Refused) return logger.info('A proxy refused a connection by its rules', fields)
  logger.warn('A proxy could not connect', { ...fields, code: codeOfFailure(error), error })
}
