import { expect } from 'chai'
import fc from 'fast-check'
import type { LayerRoutes, Request } from 'tribind'
import { type AdminWorld, startAdmin } from '../admin/admin-world.ts'
import { arbitraryPathPlan, arbitrarySpelling, drawPath, spellPath } from './arbitrary-paths.ts'
import { arbitraryPattern, hosts, type WrittenPattern } from './arbitrary-patterns.ts'
import { expandPatterns, findNaively, withoutDuplicates } from './naive-router.ts'

const stages = ['BeforeServe', 'AfterServe', 'BeforeOutput'] as const
const layers = ['first', 'second'] as const

/** Where something is bound: in a layer, on the server or on an entry point. */
const placed = (arbitrary: fc.Arbitrary<WrittenPattern>) =>
  fc
    .record({ pattern: arbitrary, layer: fc.constantFrom(...layers), isOwn: fc.boolean() })
    .map(({ pattern, ...place }) => ({ ...pattern, ...place }))

const applications = fc.record({
  routes: fc.array(placed(arbitraryPattern), { minLength: 4, maxLength: 20, size: 'max' }).map(withoutDuplicates),
  interceptors: fc.array(
    fc
      .record({ bound: placed(arbitraryPattern), stage: fc.constantFrom('middleware', ...stages) })
      .map(({ bound, stage }) => ({ ...bound, stage })),
    { maxLength: 6 },
  ),
  asks: fc.array(
    fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'QUERY', 'OPTIONS'),
      host: fc.constantFrom(...hosts.slice(1)),
      entryPoint: fc.constantFrom('web', 'ops'),
      plan: arbitraryPathPlan,
      spelling: arbitrarySpelling,
    }),
    { minLength: 4, maxLength: 8 },
  ),
})

type Application = typeof applications extends fc.Arbitrary<infer T> ? T : never

const named = <T extends (...args: never[]) => unknown>(name: string, run: T): T =>
  Object.defineProperty(run, 'name', { value: name })

/** Binds what is of one layer, so that it notes its name when it runs. */
function bind(routes: LayerRoutes, layer: string, application: Application, note: (name: string) => void): void {
  const placeOf = ({ isOwn }: { isOwn: boolean }) => (isOwn ? routes.entryPoint('web') : routes)
  for (const [i, route] of application.routes.entries()) {
    if (route.layer !== layer) continue
    const name = `route-${i}`
    placeOf(route).bindHandler(
      route.text,
      named(name, ({ response, params }: Request) => {
        response.setHeader('x-served', name)
        response.setHeader('x-params', encodeURIComponent(JSON.stringify(params)))
      }),
    )
  }
  for (const [i, { text, stage, ...place }] of application.interceptors.entries()) {
    if (place.layer !== layer) continue
    const name = `${stage}-${i}`
    if (stage === 'middleware')
      placeOf(place).bindMiddleware(
        text,
        named(name, (_: Request, next: () => Promise<void>) => {
          note(name)
          return next()
        }),
      )
    else
      placeOf(place).bindHookHandler(
        text,
        stage,
        named(name, () => note(name)),
      )
  }
}

/** What the administration says must be what happens. Returns how many routes stood behind the one that served. */
async function checkRequest(
  { ask, server }: AdminWorld,
  { routes }: Application,
  asked: { method: string; host: string; entryPoint: string; path: string },
  ran: string[],
): Promise<number> {
  const line = JSON.stringify(asked)
  const { status, json: said } = await ask('/api/match', { method: 'POST', body: asked })
  expect(status, line).to.equal(200)
  ran.length = 0
  const { method, host, path, entryPoint } = asked
  const answered = await server.inject({ method, url: path, headers: { host }, entryPoint })
  expect(said.served?.name, line).to.equal(answered.headers['x-served'])
  if (said.served === undefined) expect(said.status, line).to.equal(answered.status)
  else
    expect(said.served.params, line).to.deep.equal(JSON.parse(decodeURIComponent(String(answered.headers['x-params']))))
  const names = (list: { name: string; hook?: string }[], stage?: string) =>
    list.filter(({ hook }) => hook === stage).map(({ name }) => name)
  expect(names(said.middleware), line).to.deep.equal(ran.filter((name) => name.startsWith('middleware')))
  for (const stage of stages)
    expect(names(said.hooks, stage), line).to.deep.equal(ran.filter((name) => name.startsWith(stage)))
  for (const other of said.others) {
    expect(other.why, line).to.be.a('string').that.is.not.empty
    const route = routes[Number(other.name.slice('route-'.length))] as WrittenPattern
    const alone = expandPatterns([route]).filter((one) => one.method === other.method)
    const segments = path.split('/').filter(Boolean).map(decodeURIComponent)
    expect(findNaively(alone, { method, host, path: segments }, false), `${line}: ${route.text}`).to.not.equal(
      undefined,
    )
  }
  return said.others.length
}

describe('property: POST /api/match', function () {
  this.timeout(120_000)

  for (const strictDomains of [false, true])
    it(`says what really happens${strictDomains ? ', under strictDomains' : ''}`, async () => {
      const entryPoints = { web: '127.0.0.1:0', ops: '127.0.0.1:0' }
      const world = await startAdmin(undefined, { entryPoints, strictDomains })
      const ran: string[] = []
      let behind = 0
      const property = fc.asyncProperty(applications, async (application) => {
        for (const layer of layers)
          await world.server
            .layer(layer)
            .replace((routes) => bind(routes, layer, application, (name) => ran.push(name)))
        for (const { plan, spelling, ...ask } of application.asks) {
          const patterns = [...application.routes, ...application.interceptors]
          const path = spellPath(
            drawPath(
              patterns.map(({ segments }) => segments),
              plan,
            ),
            spelling,
          )
          behind += await checkRequest(world, application, { ...ask, path }, ran)
        }
        for (const layer of layers) await world.server.layer(layer).remove()
      })
      try {
        await fc.assert(property, { numRuns: 70 })
      } finally {
        await world.stop()
      }
      expect(behind, 'routes that stood behind').to.be.above(20)
    })
})
