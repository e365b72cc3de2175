import {
  ConfigError,
  type ConfigIssue,
  createLogger,
  ListenError,
  type Logger,
  Server,
  type ServerOptions,
  TribindError,
} from '../../index.ts'
import { serverOptions as coreOptions } from '../../kit.ts'
import { canonical } from '../../dynamic/canonical.ts'
import type { PartOrigin, ServicesModel } from '../services/model.ts'
import { Applications } from './applications.ts'
import { type BuiltServices, buildServices, isForward } from './build-services.ts'
import { type Switched, SwitchError, switchServices } from './switch-services.ts'
import { type ReadServices, type RunServices, UsageError } from '../command.ts'

/** How long after the stop the process may go on by what its applications have left. */
const LEFT_MS = 1000

/**
 * Runs services until SIGINT or SIGTERM, which a second one cuts short. SIGHUP reads again what is to run.
 *
 * Returns the exit code: 0 after a stop, 1 where the services can't start, which standard error says.
 */
export const runServices: RunServices = async (read) => {
  const reloads = new Reloads(read)
  const onHangup = () => reloads.ask()
  process.on('SIGHUP', onHangup)
  try {
    const { model, warnings } = await readArguments(read)
    const gateway = await Gateway.create(model)
    for (const warning of warnings) gateway.server.logger.warn(warning)
    gateway.server.registerSignalHook().registerStartupHook(() => reloads.begin(gateway))
    await gateway.run()
    return 0
  } catch (error) {
    if (error instanceof UsageError) throw error
    for (const line of linesOf(error)) process.stderr.write(`tribind: ${line}\n`)
    return 1
  } finally {
    process.off('SIGHUP', onHangup)
    setTimeout(() => process.exit(), LEFT_MS).unref()
  }
}

/** Reads what is to run. @throws UsageError where the arguments themselves are wrong, and will be when they are tried again */
async function readArguments(read: ReadServices): ReturnType<ReadServices> {
  try {
    return await read()
  } catch (error) {
    const { issues = [] } = error as Partial<ConfigError>
    if (issues.length === 0 || !issues.every(({ source }) => /^-[LF]/.test(source ?? ''))) throw error
    throw new UsageError((error as Error).message)
  }
}

/** Reads again, as often as that is asked for; one after another, and once for all that ask meanwhile. */
class Reloads {
  readonly #read: ReadServices
  #gateway: Gateway | undefined
  #isAsked = false
  #isRunning = false

  constructor(read: ReadServices) {
    this.#read = read
  }

  ask(): void {
    this.#isAsked = true
    void this.#run()
  }

  /** Takes up what was asked for while the services started. */
  begin(gateway: Gateway): void {
    this.#gateway = gateway
    void this.#run()
  }

  async #run(): Promise<void> {
    const gateway = this.#gateway
    if (gateway === undefined || this.#isRunning) return
    this.#isRunning = true
    while (this.#isAsked && gateway.server.state !== 'stopped') {
      this.#isAsked = false
      await this.#reload(gateway)
    }
    this.#isRunning = false
  }

  async #reload(gateway: Gateway): Promise<void> {
    const { logger } = gateway.server
    try {
      const { model, warnings } = await this.#read()
      for (const warning of warnings) logger.warn(warning)
      if (model.services.length === 0)
        throw new ConfigError('there are no services', { failure: 'ERR_TRIBIND_CONFIG_VALUES' })
      if (model.services.some(({ origin }) => origin.source === 'standard input'))
        logger.warn('Standard input cannot be read again: what it said stays as it is')
      await gateway.replace(model)
    } catch (error) {
      if (gateway.server.state === 'stopped') return
      logger.error(`SIGHUP has changed nothing: ${linesOf(error).join('\n')}`)
    }
  }
}

/** What is wrong, each on a line of its own. */
function linesOf(error: unknown): string[] {
  if (error instanceof TribindError) return error.message.split('\n')
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
}

/** The server that services run on: an entry point for each, and the administration. */
class Gateway {
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
      start: () => startApplications(model, applications, modulesOf(model)),
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
      const { api } = this.#model
      if (failed !== undefined) throw describe(this.#model, failed.name, error)
      throw error instanceof ListenError && api !== undefined ? fail([issueOf(api.origin, '', error)], error) : error
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
      await startApplications(model, this.#applications, loaded)
      const switched = await switchServices(this.server, before.services, built.services)
      this.#tell(model, switched)
      this.#model = model
      this.#built = built
      this.#release(before, built)
      return switched
    } catch (error) {
      this.#applications.stop(loaded)
      this.#release(built, before)
      throw error instanceof SwitchError ? describe(model, error.service, error.cause) : error
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
}

/** Starts applications, one after another. @throws ConfigError naming the service of the first that fails, and where it is written */
async function startApplications(
  model: ServicesModel,
  applications: Applications,
  files: readonly string[],
): Promise<void> {
  for (const file of files) {
    try {
      await applications.start(file)
    } catch (error) {
      const service = model.services.find(({ handler }) => handler.metadata.module === file)
      throw describe(model, service?.name, error)
    }
  }
}

/** Returns the error of a service, with where that is written. */
function describe({ services }: ServicesModel, name: string | undefined, cause: unknown): ConfigError {
  const { origin } = services.find((service) => service.name === name) ?? {}
  return fail(origin === undefined ? [] : [issueOf(origin, `service "${name ?? ''}": `, cause)], cause)
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
