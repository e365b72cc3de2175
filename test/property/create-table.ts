import { runAtOnce } from '../../lib/base/steps.ts'
import type { Method } from '../../lib/net/methods.ts'
import { type Bound, compareBound } from '../../lib/routing/bound.ts'
import { MethodGroups } from '../../lib/routing/method-groups.ts'
import { RouteIndex } from '../../lib/routing/route-index.ts'
import { RouteTable, TablePart } from '../../lib/routing/route-table.ts'

/** A table of parts that are indexed apart, as those of layers are. Finds what is bound, and the methods it serves. */
export function createTable<R>(
  parts: readonly (readonly Bound<R>[])[],
  strictDomains = false,
  otherMethods: readonly Method[] = [],
): RouteTable<R, { bound: Bound<R>; methods: readonly Method[] }> {
  const groups = new MethodGroups(new Set(otherMethods))
  const createValue = (bound: Bound<R>, methods: readonly Method[]) => ({ bound, methods })
  const indexed = parts.map((bounds) => {
    const index = runAtOnce(RouteIndex.build(bounds.toSorted(compareBound)))
    return new TablePart(index, groups, createValue)
  })
  return new RouteTable(indexed, { strictDomains })
}
