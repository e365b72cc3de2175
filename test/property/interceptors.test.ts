import { expect } from 'chai'
import fc from 'fast-check'
import { type Event, type Request, Server } from 'tribind'
import { arbitraryPathPlan, arbitrarySpelling, drawPath, spellPath } from './arbitrary-paths.ts'
import { arbitraryPattern, hosts, type WrittenPattern } from './arbitrary-patterns.ts'
import { arbitrarySegments, writeRoute } from './arbitrary-segments.ts'
import { runNaively } from './naive-interceptors.ts'
import { capture, expandPatterns, findNaively, withoutDuplicates } from './naive-router.ts'

/** What something async waits for. */
const nothing = Promise.resolve()

const stages = ['BeforeServe', 'middleware', 'AfterServe', 'BeforeOutput'] as const

/** The groups that a route lies in, by how deep it lies: the second group is in the first. */
const groupsAtDepth = [[], [0], [0, 1]] as const

const interceptorOf = (arbitrary: fc.Arbitrary<WrittenPattern>) =>
  fc
    .record({
      pattern: arbitrary,
      stage: fc.constantFrom(...stages),
      group: fc.option(fc.constantFrom(0, 1), { nil: undefined, freq: 4 }),
      isAsync: fc.boolean(),
    })
    .map(({ pattern, stage, group, isAsync }) => ({
      ...pattern,
      stage: group === undefined ? stage : ('middleware' as const),
      group,
      isAsync,
    }))

/**
 * An application and requests to it.
 *
 * @param arbitrary of routes, hooks and middleware
 * @param methods of requests
 * @param named by requests, as preflights do; `undefined` for those that name none
 */
const applicationOf = (
  arbitrary: fc.Arbitrary<WrittenPattern>,
  methods: readonly string[],
  named: readonly (string | undefined)[],
) =>
  fc.record({
    routes: fc
      .array(
        fc.record({ pattern: arbitrary, depth: fc.nat(2) }).map(({ pattern, depth }) => ({ ...pattern, depth })),
        { maxLength: 4 },
      )
      .map(withoutDuplicates),
    interceptors: fc.array(interceptorOf(arbitrary), { maxLength: 8 }),
    strictDomains: fc.boolean(),
    asks: fc.array(
      fc.record({
        method: fc.constantFrom(...methods),
        asksFor: fc.constantFrom(...named),
        host: fc.constantFrom(...hosts.slice(1)),
        plan: arbitraryPathPlan,
        spelling: arbitrarySpelling,
      }),
      { minLength: 1, maxLength: 5 },
    ),
  })

/** Where other methods than OPTIONS have routes, and OPTIONS has hooks of its own. */
const arbitraryOfMethod: fc.Arbitrary<WrittenPattern> = fc
  .record({
    methods: fc.subarray(['GET', 'HEAD', 'POST', 'OPTIONS'], { minLength: 1, maxLength: 2 }),
    domains: fc.constantFrom([''], ['*.com'], ['a.com', '*.b.a.com']),
    segments: arbitrarySegments,
  })
  .map((parts) => {
    const domain = parts.domains.join() === '' ? '' : `@${parts.domains.join()}`
    return { ...parts, text: `${parts.methods.join()}:${writeRoute(parts.segments)}${domain}` }
  })

const requests = applicationOf(arbitraryPattern, ['GET', 'HEAD', 'POST', 'QUERY'], [undefined])
const preflights = applicationOf(arbitraryOfMethod, ['OPTIONS'], ['GET', 'HEAD', 'POST', 'QUERY', 'BREW', undefined])

type Application = typeof requests extends fc.Arbitrary<infer T> ? T : never
type Interceptor = Application['interceptors'][number]

/** One interceptor that ran. */
interface Run {
  readonly stage: string
  readonly index: number
  readonly params: Record<string, string>
}

/** A server, a group and a group in that, none with a prefix, and all that is bound on them. */
function createServer({ routes, interceptors, strictDomains }: Application, note: (run: Run) => void): Server {
  const server = new Server({ strictDomains })
  const outer = server.group('/')
  const groups = [outer, outer.group('/')]
  for (const { text, depth } of routes) (groups[depth - 1] ?? server).bindHandler(text, () => 'served')
  for (const [index, interceptor] of interceptors.entries()) {
    const { text, stage, group, isAsync } = interceptor
    const see = ({ params }: Request) => note({ stage, index, params: { ...params } })
    const pass = async (request: Request, next: () => Promise<void>) => {
      see(request)
      if (isAsync) await nothing
      await next()
    }
    const hook = isAsync ? async (request: Request) => (await nothing, see(request)) : see
    if (group !== undefined) groups[group]?.use(pass)
    else if (stage === 'middleware') server.bindMiddleware(text, pass)
    else server.bindHookHandler(text, stage satisfies Event, hook)
  }
  return server
}

interface Ask {
  readonly method: string
  readonly asksFor: string | undefined
  readonly host: string
  readonly path: readonly string[]
}

/** The route that serves, or else the one that a preflight asks for, and the methods whose hooks run. */
function findRoute({ routes, strictDomains }: Application, { method, asksFor, host, path }: Ask) {
  const find = (as: string) => findNaively(expandPatterns(routes), { method: as, host, path }, strictDomains)
  // HEAD has the hooks of GET where no HEAD or ALL route matches; where nothing serves, nothing but GET could have.
  const methodsAs = (as: string, found: { method: string } | undefined) =>
    as === 'HEAD' && (found === undefined || found.method === 'GET') ? ['HEAD', 'GET'] : [as]
  const served = find(method)
  const asked = served === undefined && method === 'OPTIONS' && asksFor !== undefined ? find(asksFor) : undefined
  const methods = [...methodsAs(method, served), ...(asked && asksFor !== undefined ? methodsAs(asksFor, asked) : [])]
  return { route: served ?? asked, isServed: served !== undefined, methods }
}

/** What the contract says must run, stage after stage. */
function expectRuns(application: Application, ask: Ask): Run[] {
  const { routes, interceptors } = application
  const { host, path } = ask
  const { route, methods } = findRoute(application, ask)
  const groups = groupsAtDepth[route ? routes[route.index]!.depth : 0] ?? []
  const ofRoute = route ? capture(route.segments, path) : undefined
  const paramsOf = ({ segments, group }: Interceptor) => {
    const own = group === undefined ? capture(segments, path) : undefined
    return Object.fromEntries((own?.size ? own : ofRoute) ?? [])
  }
  return stages.flatMap((stage) =>
    runNaively(interceptors, stage, { methods, host, path, groups }).map((index) => ({
      stage,
      index,
      params: paramsOf(interceptors[index]!),
    })),
  )
}

/** Sends the requests of many applications, and returns the counts that show the cases were worth it. */
async function checkRuns(applications: fc.Arbitrary<Application>): Promise<{ most: number; askedFor: number }> {
  const counts = { most: 0, askedFor: 0 }
  const property = fc.asyncProperty(applications, async (application) => {
    const runs: Run[] = []
    const server = createServer(application, (run) => runs.push(run))
    for (const { method, asksFor, host, plan, spelling } of application.asks) {
      const patterns = [...application.routes, ...application.interceptors]
      const path = drawPath(
        patterns.map(({ segments }) => segments),
        plan,
      )
      const url = spellPath(path, spelling)
      const ask = { method, asksFor, host, path }
      const named = asksFor === undefined ? {} : { 'access-control-request-method': asksFor }
      runs.length = 0
      const { status } = await server.inject({ method, url, headers: { host, ...named } })
      const line = `${method} ${asksFor ?? ''} ${url} at ${host}`
      expect(runs, line).to.deep.equal(expectRuns(application, ask))
      const { route, isServed } = findRoute(application, ask)
      expect(status, line).to.equal(isServed ? 200 : 404)
      counts.most = Math.max(counts.most, runs.length)
      if (route !== undefined && !isServed) counts.askedFor++
    }
  })
  await fc.assert(property, { numRuns: 500 })
  return counts
}

describe('property: hooks and middleware', function () {
  this.timeout(60_000)

  it('run where the contract says, in its order, once each, with the parameters of their own', async () => {
    expect((await checkRuns(requests)).most, 'interceptors of one request').to.be.above(3)
  })

  it('run for preflights by the route of the method they name', async () => {
    const { most, askedFor } = await checkRuns(preflights)
    expect(most, 'interceptors of one request').to.be.above(3)
    expect(askedFor, 'preflights that lead to a route').to.be.above(15)
  })
})
