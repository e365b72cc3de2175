import { expect } from 'chai'
import fc from 'fast-check'
import { DuplicateRouteError, Server } from 'tribind'
import { arbitraryPathPlan, arbitrarySpelling, drawPath, spellPath } from './arbitrary-paths.ts'
import { arbitraryPattern, hosts, type WrittenPattern } from './arbitrary-patterns.ts'
import { allowNaively, capture, expandPatterns, findNaively, keyOf, type NaiveRoute } from './naive-router.ts'

const arbitraryAsk = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'QUERY', 'DELETE'),
  host: fc.constantFrom(...hosts.slice(1)),
  /** How the host is written. */
  writing: fc.constantFrom<(host: string) => string>(
    (host) => host,
    (host) => host.toUpperCase(),
    (host) => `${host}:8199`,
    (host) => `${host}.`,
  ),
  plan: arbitraryPathPlan,
  spelling: arbitrarySpelling,
  query: fc.constantFrom('', '?', '?id=2', '?a=/b/c'),
})

const arbitraryApplication = fc.record({
  patterns: fc.array(arbitraryPattern, { maxLength: 8 }),
  strictDomains: fc.boolean(),
  methodNotAllowed: fc.boolean(),
  asks: fc.array(arbitraryAsk, { minLength: 1, maxLength: 5 }),
})

interface Served {
  readonly index: number
  readonly params: ReadonlyMap<string, string>
}

/** Binds the patterns that the contract lets be bound, and says which those are. */
function bindAll(server: Server, patterns: readonly WrittenPattern[], served: (by: Served) => void): NaiveRoute[] {
  const taken = new Set<string>()
  const all = expandPatterns(patterns)
  return patterns.flatMap(({ text }, index) => {
    const added = all.filter((route) => route.index === index)
    const bind = () =>
      server.bindHandler(text, ({ params }) => {
        served({ index, params: new Map(Object.entries(params)) })
      })
    if (added.some((route) => taken.has(keyOf(route)))) {
      expect(bind, text).to.throw(DuplicateRouteError)
      return []
    }
    bind()
    for (const route of added) taken.add(keyOf(route))
    return added
  })
}

describe('property: who serves a request', function () {
  this.timeout(60_000)

  it('and with which parameters, is what the naive router says', async () => {
    const property = fc.asyncProperty(arbitraryApplication, async ({ patterns, asks, ...options }) => {
      const server = new Server(options)
      let served: Served | undefined
      const routes = bindAll(server, patterns, (by) => (served = by))
      for (const { method, host, writing, plan, spelling, query } of asks) {
        const path = drawPath(
          patterns.map(({ segments }) => segments),
          plan,
        )
        const url = spellPath(path, spelling) + query
        served = undefined
        const answer = await server.inject({ method, url, headers: { host: writing(host) } })
        const wanted = findNaively(routes, { method, host, path }, options.strictDomains)
        const about = `${method} ${url} at ${writing(host)}`
        expect(served, about).to.deep.equal(wanted && { index: wanted.index, params: capture(wanted.segments, path) })
        const allowed = options.methodNotAllowed ? allowNaively(routes, { host, path }, options.strictDomains) : []
        const isRefused = wanted === undefined && allowed.length > 0
        expect(answer.status, about).to.equal(wanted ? 200 : isRefused ? 405 : 404)
        expect(answer.headers.allow?.split(', ').toSorted(), about).to.deep.equal(
          isRefused ? allowed.toSorted() : undefined,
        )
      }
    })
    await fc.assert(property, { numRuns: 300 })
  })
})
