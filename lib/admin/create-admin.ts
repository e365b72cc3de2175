import { type Logger, Server } from '../index.ts'
import { adminAddress, type AdminParts, type AdminPort } from '../kit.ts'
import { adminLogger } from './admin-logger.ts'
import { AdminWorld, type Endpoints } from './admin-world.ts'
import { answerError, errorStatuses, protect, rememberErrors } from './answer-errors.ts'
import { entryPointEndpoints } from './api/entry-points.ts'
import { Events } from './api/events.ts'
import { historyEndpoints } from './api/history.ts'
import { matchEndpoints } from './api/match.ts'
import { overviewEndpoints } from './api/overview.ts'
import { partEndpoints } from './api/parts.ts'
import { providerEndpoints } from './api/providers.ts'
import { routeEndpoints } from './api/routes.ts'
import { routingEndpoints } from './config/routing.ts'
import { serviceEndpoints } from './config/services.ts'
import { dashboardEndpoints } from './dashboard.ts'
import { createGuard } from './guard.ts'
import { healthEndpoints } from './health.ts'
import { Metrics } from './metrics/metrics.ts'
import { OwnAddress } from './own-address.ts'
import { TokenCheck } from './token-check.ts'

/** Few clients, each with small requests; a stop doesn't wait for them. */
const limits = {
  maxConnections: 200,
  maxPipelinedRequests: 8,
  maxBodySize: 8 * 2 ** 20,
  headersTimeout: '5s',
  requestTimeout: '30s',
  keepAliveTimeout: '10s',
  stopTimeout: '1s',
} as const

/**
 * Creates the administration of a server.
 *
 * It is a server of its own: no configuration, layer, entry point or hook of the other one reaches it.
 */
export function createAdmin(parts: AdminParts): AdminPort {
  const world = new AdminWorld(parts)
  const logger = adminLogger(world.server.logger)
  const metrics = new Metrics(world)
  const server = createServer(world, { logger, metrics })
  return {
    observer: metrics.observer,
    async start() {
      await server.start()
      const [address] = server.addresses
      world.server.logger.info(`Administration is listening on ${describe(address, parts)}`, {
        address,
        component: 'admin',
      })
    },
    stop: () => server.stop(),
  }
}

interface ServerParts {
  readonly logger: Logger
  readonly metrics: Metrics
}

function describe(address: string | undefined, { options }: AdminParts): string {
  const isUnix = address?.startsWith('unix:') === true
  return isUnix ? address : `http://${address}${options.pathPrefix}/`
}

function createServer(world: AdminWorld, { logger, metrics }: ServerParts): Server {
  const { address, token, pathPrefix, dashboard } = world.parts.options
  const server = new Server({
    name: `administration of ${world.server.name}`,
    address,
    logger,
    methodNotAllowed: true,
    inflate: false,
    ...limits,
  })
  const health = healthEndpoints(world)
  const page = dashboard ? dashboardEndpoints(pathPrefix) : {}
  const open = [...Object.keys(health), ...Object.keys(page)].map((pattern) => routeOf(pattern, pathPrefix))
  let own: OwnAddress | undefined
  server.use(
    (request, next) => {
      protect(request)
      return next()
    },
    rememberErrors,
    createGuard({
      address: () => (own ??= new OwnAddress(adminAddress(world.parts.options), server.port)),
      token: token === undefined ? undefined : new TokenCheck(token, logger),
      open: new Set(open),
      page: routeOf('GET:/', pathPrefix),
    }),
  )
  for (const status of errorStatuses) server.bindStatusHandler(status, answerError)
  bind(server, pathPrefix, {
    ...health,
    ...page,
    ...overviewEndpoints(world),
    ...entryPointEndpoints(world),
    ...routeEndpoints(world),
    ...partEndpoints(world),
    ...providerEndpoints(world),
    ...historyEndpoints(world),
    ...matchEndpoints(world),
    ...serviceEndpoints(world),
    ...routingEndpoints(world),
    ...metrics.endpoints,
    ...new Events(world).endpoints,
  })
  return server
}

function bind(server: Server, prefix: string, endpoints: Endpoints): void {
  for (const [pattern, handler] of Object.entries(endpoints)) {
    const [method, route] = splitOnce(pattern)
    server.bindHandler(`${method}:${prefix}${route}`, handler)
  }
}

/** Returns the route of a pattern as requests have it. */
function routeOf(pattern: string, prefix: string): string {
  const [, route] = splitOnce(pattern)
  return (prefix + route).replace(/(?<=.)\/$/, '')
}

function splitOnce(pattern: string): [string, string] {
  const colon = pattern.indexOf(':')
  return [pattern.slice(0, colon), pattern.slice(colon + 1)]
}
