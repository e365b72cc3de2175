import {
  ConfigError,
  type EntryPoint,
  ListenError,
  type Request,
  type ConfigurationIssue,
  type EntryPointOptions,
} from '../../index.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { entryPointOf, toData } from '../api/entry-points.ts'
import { checkConditions, etagOf } from '../etag.ts'
import { InTurn } from '../in-turn.ts'
import { isDryRun } from '../is-dry-run.ts'
import { conflict, invalid } from '../problem.ts'
import { readObject } from '../read-object.ts'
import { isObject, ServerHandler } from '../../kit.ts'

/** The entry points in GOST's shape: they are opened, replaced and closed. */
export function serviceEndpoints(world: AdminWorld): Endpoints {
  const services = new Services(world)
  return {
    'GET:/config': () => {
      const list = services.list()
      return { services: list, data: { count: list.length, list } }
    },
    'GET:/config/services': () => {
      const list = services.list()
      return { data: { count: list.length, list } }
    },
    'GET:/config/services/:name': (request) => services.show(request),
    'POST:/config/services': (request) => services.open(request),
    'PUT:/config/services/:name': (request) => services.replace(request),
    'DELETE:/config/services/:name': (request) => services.close(request),
  }
}

class Services {
  readonly #world: AdminWorld
  readonly #turn = new InTurn()

  constructor(world: AdminWorld) {
    this.#world = world
  }

  list(): object[] {
    return this.#world.server.entryPoints().map((one) => describeService(this.#world, one))
  }

  show(request: Request): object {
    const entryPoint = this.#named(request)
    request.response.setHeader('ETag', etagOf(this.#content(entryPoint)))
    return { data: describeService(this.#world, entryPoint) }
  }

  async open(request: Request): Promise<object> {
    const asked = readService(await readObject(request))
    return this.#turn.run(async () => {
      const known = this.#world.server.entryPoints().find(({ name }) => name === asked.name)
      if (known !== undefined && isOpen(known))
        throw conflict(`Entry point "${asked.name}" is open already: replace it by PUT /config/services/${asked.name}`)
      return this.#serve(request, asked, (name, options) => this.#world.server.openEntryPoint(name, options))
    })
  }

  async replace(request: Request): Promise<object> {
    const entryPoint = this.#named(request)
    const asked = readService(await readObject(request), entryPoint.name)
    return this.#turn.run(async () => {
      checkConditions(request, this.#content(entryPoint))
      if (!isOpen(entryPoint)) throw conflict(`Entry point "${asked.name}" is closed: open it by POST /config/services`)
      return this.#serve(request, asked, (name, options) => this.#world.server.replaceEntryPoint(name, options))
    })
  }

  async close(request: Request): Promise<object> {
    const entryPoint = this.#named(request)
    const { server } = this.#world
    return this.#turn.run(async () => {
      checkConditions(request, this.#content(entryPoint))
      if (!isOpen(entryPoint)) throw conflict(`Entry point "${entryPoint.name}" is closed already`)
      if (isDryRun(request)) return { version: server.version, dryRun: true }
      const { cut } = await server.closeEntryPoint(entryPoint.name)
      return { version: server.version, cut }
    })
  }

  /** Opens or replaces it. @throws Problem 422 for options that are wrong, 409 where the address is taken; nothing has changed then */
  async #serve(
    request: Request,
    { name, options }: ServiceAsked,
    serve: (name: string, options: ServiceAsked['options']) => Promise<void>,
  ): Promise<object> {
    const { server, parts } = this.#world
    try {
      parts.entryPoints().check('config', name, options)
      if (isDryRun(request)) return { version: server.version, dryRun: true }
      await serve(name, options)
    } catch (error) {
      throw toProblem(error, name)
    }
    const opened = entryPointOf(server.entryPoints(), name)
    request.response.setHeader('ETag', etagOf(this.#content(opened)))
    return { version: server.version, data: describeService(this.#world, opened) }
  }

  #named({ params: { name = '' } }: Request): EntryPoint {
    return entryPointOf(this.#world.server.entryPoints(), name)
  }

  /** What the ETag is of. */
  #content(entryPoint: EntryPoint): unknown {
    return { ...identify(this.#world, entryPoint), options: toData(entryPoint.options), isOpen: isOpen(entryPoint) }
  }
}

function isOpen({ addresses }: EntryPoint): boolean {
  return addresses.length > 0
}

function toProblem(error: unknown, name: string): unknown {
  if (error instanceof ListenError) {
    if (error.failure === 'ERR_TRIBIND_LISTEN_IN_USE') return conflict(error.message, error)
    return invalid([{ path: 'address', message: error.message }])
  }
  if (!(error instanceof ConfigError)) return error
  // Messages name an option by its path, in quotation marks.
  const [, path = ''] = /"entryPoints\.(.+?)"/.exec(error.message) ?? []
  // Those of the request are without the place that they have in the options of a server.
  const message = error.message.replace(/^config: /, '').replaceAll(`"entryPoints.${name}.`, '"')
  return invalid([{ path: path.startsWith(`${name}.`) ? path.slice(name.length + 1) : '', message }])
}

/** Returns an entry point as GOST shows a service. */
function describeService(world: AdminWorld, entryPoint: EntryPoint): object {
  return { ...identify(world, entryPoint), status: entryPoint.status() }
}

/** Returns what doesn't change by itself: what the ETag is of. */
function identify({ parts }: AdminWorld, { name, options, labels }: EntryPoint): object {
  const { address = '', https, enableStats } = options
  const handler = parts.entryPoints().insideOf(name)?.handler
  return {
    name,
    addr: address,
    handler: { type: handler === undefined ? 'http' : nameOf(handler) },
    listener: { type: https === undefined || https === false ? (address.startsWith('unix:') ? 'unix' : 'tcp') : 'tls' },
    metadata: enableStats === true ? { ...labels, enableStats } : labels,
  }
}

/** `forward` for what `forward(…)` returns, otherwise the name of the class in GOST's spelling, such as `socks5-proxy`. */
function nameOf(handler: object): string {
  if (handler instanceof ServerHandler) return 'app'
  const name = typeof handler === 'function' ? handler.name : handler.constructor.name
  return name.replaceAll(/(?<=[a-z\d])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
}

/** An entry point as it is to be opened. */
interface ServiceAsked {
  readonly name: string
  readonly options: EntryPointOptions
}

/** What an entry point may run is for code alone: who has the token could run any program. */
const forCodeAlone = ['preUp', 'postUp', 'preDown', 'postDown']

/**
 * Reads a service in GOST's shape, or an entry point by its own options beside `name`: `addr` is `address`, the texts in `metadata` are
 * `labels`, but for `enableStats` there, which is the option, `handler` may say `{ "type": "http" }` or `app` for the routes, and `listener` what the
 * address says already.
 *
 * @param name of the path, where there is one
 * @throws Problem 422 with all that is wrong in it itself; what the options say is checked by the server
 */
function readService(given: Record<string, unknown>, name?: string): ServiceAsked {
  const { addr, metadata, handler, listener, status: _, name: ownName, ...options } = given
  const { enableStats, ...labels } = isObject(metadata) ? (metadata as Record<string, unknown>) : {}
  const issues: ConfigurationIssue[] = []
  const add = (path: string, message: string) => void issues.push({ path, message })
  const asked = ownName ?? name
  if (typeof asked !== 'string' || asked === '') add('name', 'must be a non-empty text')
  else if (name !== undefined && asked !== name) add('name', `must be "${name}", as in the path, or be left out`)
  if (addr !== undefined && 'address' in options) add('addr', 'stands for "address": leave one of the two out')
  if (metadata !== undefined && 'labels' in options) add('metadata', 'stands for "labels": leave one of the two out')
  if (handler !== undefined && !hasType(handler, ['http', 'app']))
    add('handler', 'must be { "type": "http" }, for the routes: other handlers are bound in code')
  if (listener !== undefined && !hasType(listener, ['tcp', 'unix', 'tls']))
    add('listener', 'must be { "type": "tcp" }, "unix" or "tls", as "addr" and "https" say already')
  else if (isObject(listener) && (listener as { type: string }).type === 'tls' && options['https'] === undefined)
    add('https', 'must be an object with key and cert, since listener.type is "tls"')
  if (enableStats !== undefined && 'enableStats' in options)
    add('metadata.enableStats', 'stands for "enableStats": leave one of the two out')
  for (const command of forCodeAlone) {
    if (command in options) add(command, 'can be set in code alone: it would run programs')
    if (command in labels) add(`metadata.${command}`, 'can be set in code alone: it would run programs')
  }
  if (issues.length > 0) throw invalid(issues)
  const aliases = {
    ...(addr !== undefined && { address: addr }),
    ...(metadata !== undefined && { labels: isObject(metadata) ? labels : metadata }),
    ...(enableStats !== undefined && { enableStats: toTruthValue(enableStats) }),
  }
  return { name: asked as string, options: { ...options, ...aliases } as EntryPointOptions }
}

/** Truth values may be texts in GOST's metadata. */
function toTruthValue(value: unknown): unknown {
  return value === 'true' || (value === 'false' ? false : value)
}

function hasType(value: unknown, types: readonly string[]): boolean {
  return isObject(value) && Object.keys(value).join() === 'type' && types.includes((value as { type: string }).type)
}
