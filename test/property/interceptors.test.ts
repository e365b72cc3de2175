import { expect } from 'chai'
import fc from 'fast-check'
import { type Event, type Request, Server } from 'tribind'
import { arbitraryPathPlan, arbitrarySpelling, drawPath, spellPath } from './arbitrary-paths.ts'
import { arbitraryPattern, hosts } from './arbitrary-patterns.ts'
import { runNaively } from './naive-interceptors.ts'
import { capture, expandPatterns, findNaively, withoutDuplicates } from './naive-router.ts'

/** What something async waits for. */
const nothing = Promise.resolve()

const stages = ['BeforeServe', 'middleware', 'AfterServe', 'BeforeOutput'] as const

/** The groups that a route lies in, by how deep it lies: the second group is in the first. */
const groupsAtDepth = [[], [0], [0, 1]] as const

const arbitraryInterceptor = fc
  .record({
    pattern: arbitraryPattern,
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

type Interceptor = typeof arbitraryInterceptor extends fc.Arbitrary<infer T> ? T : never

const arbitraryApplication = fc.record({
  routes: fc
    .array(
      fc.record({ pattern: arbitraryPattern, depth: fc.nat(2) }).map(({ pattern, depth }) => ({ ...pattern, depth })),
      { maxLength: 4 },
    )
    .map(withoutDuplicates),
  interceptors: fc.array(arbitraryInterceptor, { maxLength: 8 }),
  strictDomains: fc.boolean(),
  asks: fc.array(
    fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'QUERY'),
      host: fc.constantFrom(...hosts.slice(1)),
      plan: arbitraryPathPlan,
      spelling: arbitrarySpelling,
    }),
    { minLength: 1, maxLength: 5 },
  ),
})

type Application = typeof arbitraryApplication extends fc.Arbitrary<infer T> ? T : never

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

/** What the contract says must run, stage after stage. */
function expectRuns(
  { routes, interceptors, strictDomains }: Application,
  { method, host, path }: { method: string; host: string; path: readonly string[] },
): Run[] {
  const served = findNaively(expandPatterns(routes), { method, host, path }, strictDomains)
  const groups = groupsAtDepth[served ? routes[served.index]!.depth : 0] ?? []
  // Where nothing serves, nothing but GET could have: as under GET.
  const isHeadAsGet = method === 'HEAD' && (served === undefined || served.method === 'GET')
  const ofRoute = served ? capture(served.segments, path) : undefined
  const paramsOf = ({ segments, group }: Interceptor) => {
    const own = group === undefined ? capture(segments, path) : undefined
    return Object.fromEntries((own?.size ? own : ofRoute) ?? [])
  }
  return stages.flatMap((stage) =>
    runNaively(interceptors, stage, { method, host, path, groups, isHeadAsGet }).map((index) => ({
      stage,
      index,
      params: paramsOf(interceptors[index]!),
    })),
  )
}

describe('property: hooks and middleware', function () {
  this.timeout(60_000)

  it('run where the contract says, in its order, once each, with the parameters of their own', async () => {
    let most = 0
    const property = fc.asyncProperty(arbitraryApplication, async (application) => {
      const runs: Run[] = []
      const server = createServer(application, (run) => runs.push(run))
      for (const { method, host, plan, spelling } of application.asks) {
        const patterns = [...application.routes, ...application.interceptors]
        const path = drawPath(
          patterns.map(({ segments }) => segments),
          plan,
        )
        const url = spellPath(path, spelling)
        runs.length = 0
        await server.inject({ method, url, headers: { host } })
        expect(runs, `${method} ${url} at ${host}`).to.deep.equal(expectRuns(application, { method, host, path }))
        most = Math.max(most, runs.length)
      }
    })
    await fc.assert(property, { numRuns: 500 })
    expect(most, 'interceptors of one request').to.be.above(3)
  })
})
