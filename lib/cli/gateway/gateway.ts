import { ConfigError, type ConfigIssue, createLogger, type Logger, Server, type ServerOptions } from '../../index.ts'
import { serverOptions as coreOptions } from '../../kit.ts'
import { canonical } from '../../dynamic/canonical.ts'
import type { PartOrigin, ServicesModel } from '../services/model.ts'
import { Applications } from './applications.ts'
import { type BuiltServices, buildServices, isForward } from './build-services.ts'
import { type Switched, SwitchError, switchServices } from './switch-services.ts'

/** The server that services run on: an entry point for each, and the administration. */
export class Gateway {
  readonly server: Server
  readonly #applications: Applications
  #model: ServicesModel
  #built: BuiltServices

  private constructor(server: Server, applications: Applications, model: ServicesModel, built: BuiltServices) {
    this.server = server
    this.#applications = applications
    this.#model = model
    this.#built = built
  }

  /** Makes the server of a model. It is still to be started. @throws ConfigError with all that is wrong */
  static async create(model: ServicesModel): Promise<Gateway> {
    const applications = new Applications()
    const { built } = await build(model, applications, undefined)
    const logger = createLogger()
    const server = new Server(serverOptionsOf(model, built, { logger, applications }))
    // They are ready before there is a service to which requests come.
    server.install({
      name: 'applications',
      start: async () => {
        for (const file of modulesOf(model)) await applications.start(file)
      },
      stop: () => applications.stopAll(),
    })
    applications.onStop((file) => {
      logger.warn('An application has stopped itself: so do the services', { module: file })
      void server.stop()
    })
    return new Gateway(server, applications, model, built)
  }

  /**
   * Starts all services, or none. Resolves when they have stopped.
   *
   * @throws ConfigError that names the service which can't start, and where it is written
   */
  async run(): Promise<void> {
    try {
      await this.server.run()
      await this.#built.chains.close()
    } catch (error) {
      await this.#applications.stopAll()
      const failed = this.server.entryPoints().find((entryPoint) => entryPoint.status().state === 'failed')
      throw failed === undefined ? error : this.#describe(this.#model, failed.name, error)
    }
  }

  /**
   * Runs what another model says: what is the same goes on untouched.
   *
   * @throws ConfigError with all that is wrong; nothing has changed then
   */
  async replace(model: ServicesModel): Promise<Switched> {
    const before = this.#built
    const { built, loaded } = await build(model, this.#applications, before)
    try {
      for (const file of loaded) await this.#applications.start(file)
      const switched = await switchServices(this.server, before.services, built.services)
      this.#tell(model, switched)
      this.#model = model
      this.#built = built
      this.#release(before, built)
      return switched
    } catch (error) {
      this.#applications.stop(loaded)
      this.#release(built, before)
      throw error instanceof SwitchError ? this.#describe(model, error.service, error.cause) : error
    }
  }

  /** Releases what one has and another has not. */
  #release({ services }: BuiltServices, other: BuiltServices): void {
    for (const [name, { handler }] of services)
      if (isForward(handler) && other.services.get(name)?.handler !== handler) handler.close()
    if (other === this.#built) this.#applications.keep(new Set(modulesOf(this.#model)))
  }

  #tell(model: ServicesModel, switched: Switched): void {
    const { logger } = this.server
    const { opened, replaced, closed } = switched
    logger.info('The services were read again', { opened, replaced, closed })
    if (canonical(withoutOrigin(model.api)) !== canonical(withoutOrigin(this.#model.api)))
      logger.warn('What "api" says has changed: it takes effect when tribind is started again')
  }

  #describe({ services }: ServicesModel, name: string, cause: unknown): ConfigError {
    const { origin } = services.find((service) => service.name === name) ?? {}
    const issues = origin === undefined ? [] : [issueOf(origin, `service "${name}": `, cause)]
    return fail(issues, cause)
  }
}

interface Built {
  readonly built: BuiltServices
  /** The modules whose applications were loaded for it, and are still to be started. */
  readonly loaded: readonly string[]
}

/** Loads applications and builds services. @throws ConfigError with all that is wrong; nothing that was loaded stays then */
async function build(
  model: ServicesModel,
  applications: Applications,
  before: BuiltServices | undefined,
): Promise<Built> {
  const issues: ConfigIssue[] = []
  const loaded: string[] = []
  const broken = new Set<string>()
  for (const { name, handler, origin } of model.services) {
    const { module } = handler.metadata
    if (handler.type !== 'app' || module === undefined) continue
    try {
      if (await applications.load(module)) loaded.push(module)
    } catch (error) {
      broken.add(name)
      issues.push(issueOf(origin, `service "${name}": `, error))
    }
  }
  const rest = { ...model, services: model.services.filter(({ name }) => !broken.has(name)) }
  const report = (origin: PartOrigin, error: unknown) => {
    const { name } = model.services.find((service) => service.origin === origin) ?? {}
    issues.push(issueOf(origin, name === undefined ? '' : `service "${name}": `, error))
  }
  const built = buildServices(rest, { applications, before, report })
  if (issues.length === 0) return { built, loaded }
  applications.stop(loaded)
  throw fail(issues)
}

function serverOptionsOf(
  model: ServicesModel,
  { services }: BuiltServices,
  { logger, applications }: { readonly logger: Logger; readonly applications: Applications },
): ServerOptions {
  const entryPoints = Object.fromEntries(Array.from(services, ([name, { options }]) => [name, options]))
  const { api } = model
  const { addr, auth, pathPrefix, dashboard } = api ?? {}
  const { stopTimeout } = coreOptions.parse({})
  const isOfApplications = model.services.length > 0 && model.services.every(({ handler }) => handler.type === 'app')
  return {
    name: 'tribind',
    logger,
    entryPoints,
    stopTimeout: isOfApplications ? applications.stopTimeout : Math.max(stopTimeout, applications.stopTimeout),
    ...(api !== undefined && {
      admin: {
        ...(addr !== undefined && { address: addr }),
        ...(auth !== undefined && { token: auth.token }),
        ...(pathPrefix !== undefined && { pathPrefix }),
        ...(dashboard !== undefined && { dashboard }),
      },
    }),
  }
}

function modulesOf({ services }: ServicesModel): string[] {
  const modules = services.map(({ handler }) => (handler.type === 'app' ? handler.metadata.module : undefined))
  return [...new Set(modules.filter((module) => module !== undefined))]
}

function withoutOrigin(part: { readonly origin: PartOrigin } | undefined): object | undefined {
  if (part === undefined) return undefined
  const { origin: _, ...rest } = part
  return rest
}

function issueOf({ source, path, line }: PartOrigin, place: string, error: unknown): ConfigIssue {
  const message = `${place}${error instanceof Error ? error.message : String(error)}`
  return { source, path, message, ...(line !== undefined && { line }) }
}

function fail(issues: readonly ConfigIssue[], cause?: unknown): ConfigError {
  const lines = issues.map(({ source, path, line, message }) => {
    return `${source}${line === undefined ? '' : `:${line}`}${path === '' ? '' : ` ${path}`}: ${message}`
  })
  return new ConfigError(lines.join('\n'), { failure: 'ERR_TRIBIND_CONFIG_VALUES', issues, cause })
}
