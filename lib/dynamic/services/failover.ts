import type { Handler, Request } from '../../index.ts'
import { coreOf, defineOptions, KeptBody, type RequestCore, statusOfThrown } from '../../kit.ts'
import type { Unread } from '../../forward/request/unread.ts'
import { type Kind, kind, requiredOptions, type Service } from '../model/kind.ts'
import { reference, type Reference } from '../model/reference.ts'
import { keptBodyRow } from './body-row.ts'
import { compose } from './compose.ts'

interface FailoverOptions {
  readonly service: Reference
  readonly fallback: Reference
  readonly maxBodySize: number
}

const failoverOptions = defineOptions<Unread<FailoverOptions>, FailoverOptions>({
  service: reference('services'),
  fallback: reference('services'),
  maxBodySize: keptBodyRow,
})

/** Lets another service answer where the first answers 502, 503 or 504. */
export const failoverService: Kind<Service> = kind<{ failover: FailoverOptions }>(
  'failover',
  {
    failover: requiredOptions(failoverOptions, 'an object with service and fallback'),
  },
  ({ read: { failover }, handler, title }) => {
    const service = handler(failover.service)
    const fallback = handler(failover.fallback)
    const failOver: Handler = async (request) => {
      const core = coreOf(request)
      const kept = new KeptBody(core, failover.maxBodySize)
      const before = core.response.fields?.copy()
      const failure = await attempt(core, request, service)
      if (failure === undefined) return undefined
      if (core.response.sent || !(await kept.rewind())) return failure.stand()
      core.log('warn', `${title} answers ${core.logName} by its fallback`, { status: failure.status })
      core.response.fail(0, '')
      core.response.fields = before
      return fallback(request)
    }
    return compose(failOver, [service, fallback])
  },
)

interface Failure {
  readonly status: number
  /** Lets the answer be what it is. @throws what was thrown */
  stand(): void
}

/** Runs the service. Returns `undefined` unless it has answered as one that isn't there. */
async function attempt(core: RequestCore, request: Request, service: Handler): Promise<Failure | undefined> {
  const { response } = core
  try {
    response.writeResult(await service(request))
    const { status } = response
    return isAway(status) ? { status, stand: () => {} } : undefined
  } catch (thrown) {
    const status = statusOfThrown(thrown)
    if (!isAway(status)) throw thrown
    return {
      status,
      stand: () => {
        throw thrown
      },
    }
  }
}

function isAway(status: number | undefined): status is number {
  return status === 502 || status === 503 || status === 504
}
