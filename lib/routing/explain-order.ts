import { type Bound, compareBound } from './bound.ts'

/** What decides between two routes that match a request. */
export type OrderCriterion = 'domain' | 'specificity' | 'method' | 'entryPoint' | 'layer' | 'order'

/** Why a route stands behind another. */
export interface OrderReason {
  readonly by: OrderCriterion
  /** A sentence without its subject, the route that stands behind. */
  readonly why: string
}

/** Beside what `Bound` says, where something is bound. */
export interface Placed {
  readonly layer: string
  readonly entryPoint: string | undefined
}

type Criterion = (first: Bound<Placed>, behind: Bound<Placed>) => OrderReason | undefined

// In the order of `compareBound`.
const criteria: readonly Criterion[] = [
  (first, behind) =>
    first.domain === behind.domain
      ? undefined
      : {
          by: 'domain',
          why: `is bound to ${nameDomain(behind.domain)}, and ${nameDomain(first.domain)} is closer to the host`,
        },
  (first, behind) =>
    first.route.parameters === 0 && behind.route.parameters > 0
      ? specific('has parameters, and the other has none')
      : undefined,
  counted(({ segments }) => segments.length, 'fewer segments'),
  counted(({ plainCharacters }) => plainCharacters, 'less plain text'),
  counted(({ parameters }) => -parameters, 'more parameters'),
  counted(({ fields }) => fields, 'fewer fields within segments'),
  counted(({ wholeSegments }) => wholeSegments, 'fewer parameters of one segment, and a `*` in their place'),
  (first, behind) =>
    behind.method === 'ALL' && first.method !== 'ALL'
      ? { by: 'method', why: `is bound to all methods, and the other to ${first.method}` }
      : undefined,
  ({ value }, behind) =>
    value.entryPoint !== undefined && behind.value.entryPoint === undefined
      ? { by: 'entryPoint', why: `is bound on the server, and the other on the entry point "${value.entryPoint}"` }
      : undefined,
  ({ value }, behind) =>
    value.layer === behind.value.layer
      ? undefined
      : { by: 'layer', why: `is in the layer "${behind.value.layer}", and the layer "${value.layer}" goes before it` },
]

/**
 * Returns why, of two routes that match a request, the first serves it.
 *
 * @param first the one that `compareBound` puts before the other
 */
export function explainOrder(first: Bound<Placed>, behind: Bound<Placed>): OrderReason {
  if (compareBound(first, behind) > 0) throw new RangeError('explainOrder: the arguments are the wrong way round')
  for (const criterion of criteria) {
    const reason = criterion(first, behind)
    if (reason !== undefined) return reason
  }
  return { by: 'order', why: 'was bound later' }
}

function counted(count: (route: Bound<Placed>['route']) => number, what: string): Criterion {
  return (first, behind) =>
    count(first.route) > count(behind.route) ? specific(`has ${what} than the other`) : undefined
}

function specific(why: string): OrderReason {
  return { by: 'specificity', why: `is less specific: it ${why}` }
}

function nameDomain(domain: string): string {
  return domain === '' ? 'every host' : `"${domain}"`
}
