import type { Request } from '../index.ts'
import { databaseOf, defineOptions, isObject, option, type OptionTable } from '../kit.ts'

export interface HealthCheckOptions {
  /** What must work too, by names for the log: functions that throw or reject where it doesn't. Default: the database alone. */
  checks?: Readonly<Record<string, () => unknown>>
}

/** The table of the options of a health check. */
const healthCheckOptions: OptionTable<HealthCheckOptions> = defineOptions(
  { checks: option(areFunctions, 'an object of functions', { default: {} }) },
  { owner: 'healthCheck' },
)

/** For all checks together. */
const LIMIT_MS = 2000

/**
 * Returns a handler that answers whether the server can serve: 200 with `{"status":"ok"}`, or 503 with `{"status":"unavailable"}`.
 *
 * The database is pinged, if the server has one, and the checks run beside it. What hasn't answered after 2 s has failed. What
 * failed goes to the log, as a warning, and never to the client.
 *
 * @throws ConfigError naming an option that is wrong
 */
export function healthCheck(
  options: HealthCheckOptions = {},
): (request: Request) => Promise<{ status: 'ok' | 'unavailable' }> {
  const { checks } = healthCheckOptions.parse(options)
  return async ({ id, response, server }) => {
    const all: [string, () => unknown][] = [
      ['database', () => databaseOf(server).ping(LIMIT_MS)],
      ...Object.entries(checks),
    ]
    const failures = await runChecks(all)
    for (const { check, error } of failures)
      server.logger.warn('A health check failed', { check, error, requestId: id })
    response.setHeader('Cache-Control', 'no-store')
    if (failures.length === 0) return { status: 'ok' }
    response.status = 503
    return { status: 'unavailable' }
  }
}

async function runChecks(checks: readonly [string, () => unknown][]): Promise<{ check: string; error: unknown }[]> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS)
  })
  try {
    const results = await Promise.allSettled(checks.map(async ([, run]) => Promise.race([run(), timeout])))
    return checks.flatMap(([check], i) => {
      const result = results[i]
      return result?.status === 'rejected' ? { check, error: result.reason as unknown } : []
    })
  } finally {
    clearTimeout(timer)
  }
}

function areFunctions(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((one) => typeof one === 'function')
}
