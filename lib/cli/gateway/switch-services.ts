import { setTimeout } from 'node:timers/promises'
import { ListenError, type Logger, type Server } from '../../index.ts'
import { isUnixAddress, type ListenAddress, parseAddresses } from '../../kit.ts'
import type { BuiltService } from './build-services.ts'

type Services = ReadonlyMap<string, BuiltService>

/** What became of the services. */
export interface Switched {
  readonly opened: readonly string[]
  readonly replaced: readonly string[]
  readonly closed: readonly string[]
  /** Resolves when the connections of those that were closed have ended. */
  readonly whenClosed: Promise<unknown>
}

/** Says that a service can't be opened. Nothing has changed. */
export class SwitchError extends Error {
  override readonly name = 'SwitchError'
  readonly service: string

  constructor(service: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.service = service
  }
}

/** How often an address is tried that another service has just given up. */
const ATTEMPTS = 50

/**
 * Opens, replaces and closes the entry points of services, all or none: what fails is undone.
 *
 * What was closed by other means, as the administration does, stays so while it doesn't change.
 *
 * @throws SwitchError
 */
export async function switchServices(server: Server, before: Services, after: Services): Promise<Switched> {
  const change = new Change(server)
  const opens = (name: string) => findState(server, name) === 'ready' || findState(server, name) === 'failed'
  const gone = [...before.keys()].filter((name) => !after.has(name) && opens(name))
  const changed = [...after.values()].filter((service) => !isSame(before.get(service.model.name), service))
  const early = new Set(
    [...before.values()]
      .filter((service) => opens(service.model.name) && isInTheWay(service, changed, after))
      .map(nameOf),
  )
  const isReplaced = (service: BuiltService) => opens(nameOf(service)) && !early.has(nameOf(service))
  // What can fail comes first, and at the same address hardly anything can.
  const replaced = changed
    .filter(isReplaced)
    .toSorted((a, b) => Number(keepsAddress(before, a)) - Number(keepsAddress(before, b)))
  const opened = changed.filter((service) => !isReplaced(service))
  try {
    for (const name of early) await change.close(before.get(name) as BuiltService)
    for (const service of opened) await change.open(service, early.size > 0)
    for (const service of replaced) await change.replace(service, before.get(nameOf(service)))
  } catch (error) {
    await change.undo()
    throw error
  }
  const late = gone.filter((name) => !early.has(name))
  const closing = late.map((name) =>
    server.closeEntryPoint(name).catch((error: unknown) => report(server.logger, name, error)),
  )
  return {
    opened: opened.map(nameOf).filter((name) => !early.has(name)),
    replaced: [...replaced, ...opened.filter((service) => early.has(nameOf(service)))].map(nameOf),
    closed: gone,
    whenClosed: Promise.all([...closing, ...change.closing]),
  }
}

/** Steps that can be undone. */
class Change {
  /** What was closed first, while its connections end. */
  readonly closing: Promise<unknown>[] = []
  readonly #server: Server
  readonly #undo: (() => Promise<unknown>)[] = []

  constructor(server: Server) {
    this.#server = server
  }

  /** Resolves when its addresses are free. */
  async close({ model: { name }, options }: BuiltService): Promise<void> {
    const closing = this.#server.closeEntryPoint(name)
    this.closing.push(closing.catch((error: unknown) => report(this.#server.logger, name, error)))
    this.#undo.push(() => this.#server.openEntryPoint(name, options))
    while (this.#server.entryPoint(name).addresses.length > 0) await setTimeout(2)
  }

  async open({ model: { name }, options }: BuiltService, isPatient: boolean): Promise<void> {
    await this.#attempt(name, isPatient ? ATTEMPTS : 1, () => this.#server.openEntryPoint(name, options))
    this.#undo.push(() => this.#server.closeEntryPoint(name, 0))
  }

  async replace({ model: { name }, options }: BuiltService, before: BuiltService | undefined): Promise<void> {
    await this.#attempt(name, 1, () => this.#server.replaceEntryPoint(name, options))
    if (before !== undefined) this.#undo.push(() => this.#server.replaceEntryPoint(name, before.options))
  }

  /** Goes back as far as that is possible: what fails is logged. */
  async undo(): Promise<void> {
    for (const revert of this.#undo.toReversed())
      await revert().catch((error: unknown) => this.#server.logger.error('A service could not be put back', { error }))
  }

  async #attempt(name: string, attempts: number, act: () => Promise<void>): Promise<void> {
    for (let i = 1; ; i++) {
      try {
        return await act()
      } catch (error) {
        const isTaken =
          error instanceof ListenError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE'
        if (!isTaken || i >= attempts) throw new SwitchError(name, error)
        await setTimeout(20)
      }
    }
  }
}

function report(logger: Logger, name: string, error: unknown): void {
  logger.error(`Service "${name}" could not be closed`, { error, entryPoint: name })
}

function findState(server: Server, name: string): string | undefined {
  return server
    .entryPoints()
    .find((entryPoint) => entryPoint.name === name)
    ?.status().state
}

function nameOf({ model }: BuiltService): string {
  return model.name
}

function isSame(before: BuiltService | undefined, after: BuiltService): boolean {
  return before !== undefined && before.key === after.key && before.handler === after.handler
}

function keepsAddress(before: Services, { model, options }: BuiltService): boolean {
  return before.get(model.name)?.options.address === options.address
}

/** Whether a service holds an address that another one wants, or that overlaps with its own next one, and gives it up. */
function isInTheWay(holder: BuiltService, changed: readonly BuiltService[], after: Services): boolean {
  const next = after.get(nameOf(holder))
  const kept = new Set(next === undefined ? [] : addressesOf(next))
  const given = addressesOf(holder).filter((address) => !kept.has(address))
  return changed.some((wanting) => addressesOf(wanting).some((wanted) => given.some((held) => overlap(held, wanted))))
}

function addressesOf({ options }: BuiltService): string[] {
  return options.address.split(',').map((address) => address.trim())
}

function overlap(a: string, b: string): boolean {
  const [one, other] = [parseAddresses(a)[0], parseAddresses(b)[0]] as [ListenAddress, ListenAddress]
  if (isUnixAddress(one) || isUnixAddress(other)) return a === b
  if (one.port !== other.port || one.port === 0) return false
  const isAny = ({ host }: { readonly host: string | undefined }) =>
    host === undefined || host === '0.0.0.0' || host === '::'
  return one.host === other.host || isAny(one) || isAny(other)
}
