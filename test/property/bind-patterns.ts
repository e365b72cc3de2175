import type { Method } from '../../lib/net/methods.ts'
import type { Bound } from '../../lib/routing/bound.ts'
import { parsePattern } from '../../lib/routing/pattern.ts'

/** What the library binds for patterns as an application writes them; the value is the index of the pattern. */
export function bindPatterns(texts: readonly string[]): Bound<number>[] {
  let order = 0
  return texts.flatMap((text, value) => {
    const { methods, domains, route } = parsePattern(text)
    return methods.flatMap((method: Method) =>
      domains.map((domain) => ({ method, domain, route, value, order: order++ })),
    )
  })
}
