import type { Listed } from '../binding/list-routes.ts'
import type { RegisteredEndpoint, RegisteredInterceptor } from '../binding/registry.ts'
import { type BoundEndpoint, cover } from '../pipeline/plan.ts'
import type { Bound } from '../routing/bound.ts'
import { compareStages } from './explain-request.ts'
import type { Coverage } from '../routing/coverage.ts'
import { HEAD_AS_GET, methodGroups } from '../routing/method-groups.ts'

/** A hook, a middleware or a status handler that acts on requests of a route. */
export interface Acting extends Listed {
  readonly value: RegisteredInterceptor
  /** Whether it acts on all of them; else their method, host, path or entry point decides. */
  readonly isCertain: boolean
}

/**
 * Returns what acts on the requests of a route: hooks and status handlers in the order in which they run, then middleware, the outermost
 * first.
 *
 * @param all what is listed of the server
 * @param inherits whether what is bound on the server acts at an entry point, too
 */
export function findActing(
  { value, bound }: Listed,
  all: readonly Listed[],
  inherits: (entryPoint: string) => boolean,
): Acting[] {
  const served = bound as Bound<RegisteredEndpoint>
  const found = new Map<object, Acting>()
  for (const listed of all) {
    if (!('stage' in listed.value)) continue
    const interceptor = listed.bound as Bound<RegisteredInterceptor>
    const places = [placeOf(value.entryPoint, listed.value.entryPoint, inherits), methodOf(served, interceptor)]
    const coverages = [...places, cover(interceptor, served as Bound<BoundEndpoint>)]
    if (coverages.includes('never')) continue
    // A pattern with lists of methods or domains is bound several times, but runs once.
    const isCertain =
      coverages.every((coverage) => coverage === 'always') || found.get(listed.value)?.isCertain === true
    found.set(listed.value, { ...(found.get(listed.value) ?? listed), value: interceptor.value, isCertain })
  }
  return [...found.values()].sort((a, b) => compareStages(a.value, b.value))
}

/** Whether an interceptor acts where a route serves, by the entry points that they are bound on. */
function placeOf(
  route: string | undefined,
  interceptor: string | undefined,
  inherits: (entryPoint: string) => boolean,
): Coverage {
  if (route === interceptor) return 'always'
  if (interceptor === undefined) return inherits(route as string) ? 'always' : 'never'
  return route === undefined && inherits(interceptor) ? 'depends' : 'never'
}

function methodOf({ method: route }: Bound<RegisteredEndpoint>, { method }: Bound<RegisteredInterceptor>): Coverage {
  if (method === 'ALL' || route === method) return 'always'
  if (route === 'ALL') return 'depends'
  return route === 'GET' && methodGroups.get(HEAD_AS_GET)?.includes(method) ? 'depends' : 'never'
}
