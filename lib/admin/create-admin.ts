import {
  type Logger,
  Server,
  ConfigError,
  HttpError,
  type Middleware,
  type Request,
  type StatusHandler,
  StateError,
} from '../index.ts'
import { adminAddress, type AdminParts, type AdminPort } from '../kit.ts'
import { AdminWorld, type Endpoints } from './admin-world.ts'
import { shareEtags } from './etag.ts'
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
import { createGuard, type GuardParts } from './guard.ts'
import { Metrics } from './metrics/metrics.ts'
import { OwnAddress } from './own-address.ts'
import { TokenCheck } from './token-check.ts'
import { STATUS_CODES } from 'node:http'
import { conflict, invalid, Problem } from './problem.ts'

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
  if (world.shared !== undefined) shareEtags(world.shared)
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
    guardFor(world, {
      address: () => (own ??= new OwnAddress(adminAddress(world.parts.options), server.port)),
      token: token === undefined ? undefined : new TokenCheck(token, logger),
      open: new Set(open),
      page: routeOf('GET:/', pathPrefix),
    }),
  )
  if (world.shared !== undefined) {
    server.use(world.shared.gather)
    world.shared.answerBy(server)
  }
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

/** Other workers have checked who asks. */
function guardFor({ shared }: AdminWorld, parts: GuardParts): Middleware {
  const guard = createGuard(parts)
  if (shared === undefined) return guard
  return (request, next) => (shared.isFromWorker(request) ? next() : guard(request, next))
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

/** Writes what the server of the administration logs, in the log of the server that it administers. */
function adminLogger(logger: Logger): Logger {
  const field = { component: 'admin' }
  return {
    debug: (message, fields) => logger.debug(message, { ...fields, ...field }),
    // It starts and stops with the other server, which tells of that.
    info: (message, fields) => logger.debug(message, { ...fields, ...field }),
    warn: (message, fields) => logger.warn(`Administration: ${message}`, { ...fields, ...field }),
    error: (message, fields) => logger.error(`Administration: ${message}`, { ...fields, ...field }),
  }
}

/** Whether the process runs, and whether the server serves; both without a token. */
function healthEndpoints({ server }: AdminWorld): Endpoints {
  return {
    'GET:/health/live': () => ({ status: 'live' }),
    'GET:/health/ready': ({ response }) => {
      const isReady = server.isReady()
      // Not as an error: probes want to see why.
      if (!isReady) response.status = 503
      response.writeJson({ status: isReady ? 'ready' : server.state })
    },
  }
}

/** `undefined` for faults of ours. */
const failed = new WeakMap<Request, HttpError | undefined>()

/** Makes of each error what answers it, and remembers it for `answerError`. */
const rememberErrors: Middleware = async (request, next) => {
  try {
    await next()
  } catch (error) {
    const answer = toAnswer(error)
    failed.set(request, answer)
    throw answer ?? error
  }
}

/** Answers an error with JSON: `code`, `message`, and `issues` where there are any. */
const answerError: StatusHandler = (request) => {
  const { response } = request
  // A handler has answered so itself.
  if (request.route !== undefined && !failed.has(request)) return
  const error = failed.get(request)
  const { status } = response
  const message = error?.message ?? response.buffer().toString()
  response.clearBuffer()
  protect(request)
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.writeJson({
    code: error?.failure ?? (status === 404 ? 'ERR_TRIBIND_ADMIN_UNKNOWN' : 'ERR_TRIBIND_HTTP'),
    message: message === '' ? STATUS_CODES[status] : message,
    ...(error instanceof Problem && error.issues !== undefined && { issues: error.issues }),
  })
}

/** The statuses that `answerError` is for. */
const errorStatuses: readonly number[] = [
  400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414, 415, 417, 422, 426, 429, 431, 500, 501, 503, 505,
]

/** Sets the fields that all answers have. */
function protect({ response }: Request): void {
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Content-Type-Options', 'nosniff')
}

/** `undefined` for what is a fault of ours. */
function toAnswer(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error
  if (error instanceof StateError) return conflict(error.message, error)
  if (!(error instanceof ConfigError)) return undefined
  return invalid(error.issues ?? [{ path: '', message: error.message }])
}
