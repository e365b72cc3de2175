import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Server as NetServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { ConfigError, Server, type ServerDiagnostics } from '../../index.ts'
import { insideOf, ownFolder } from '../../kit.ts'
import { loadApp } from '../load-app.ts'

/** How long a script may take to start its server, once it is loaded. */
const START_MS = 10_000

/** How long what follows on a start may take to make further servers. */
const QUIET_MS = 100

/**
 * Loads an application and returns its servers, those first that it exports, without those that are mounted in others. None of them
 * starts or listens.
 *
 * @throws ConfigError for a module that can't be loaded or has no application
 */
export async function loadServers(module: string): Promise<readonly Server[]> {
  refuseListeners()
  const watch = new StartWatch()
  const app = await Promise.race([loadApp(module, { holds: true }), watch.idle])
  const servers = new Set<Server>()
  if (app?.kind === 'server') servers.add(app.server)
  else if (app?.kind === 'register') {
    const server = new Server()
    await app.register(server)
    servers.add(server)
  } else await watch.started()
  watch.end()
  if (app?.kind !== 'register') for (const server of watch.created) servers.add(server)
  if (servers.size === 0) throw noServer(module)
  for (const server of servers) if (insideOf(server) === undefined) throw otherCopy(module)
  const mounted = new Set([...servers].flatMap(mountedIn))
  const shown = [...servers].filter((server) => !mounted.has(server))
  for (const server of shown) tellOfProviders(server)
  return shown
}

/** What a configuration binds comes with the start. */
function tellOfProviders(server: Server): void {
  const names = insideOf(server)?.configuration.providers.map(({ name }) => name) ?? []
  if (names.length === 0) return
  process.stderr.write(
    `tribind: server "${server.name}" gets further routes from its providers when it starts: ${names.join(', ')}\n`,
  )
}

/** Returns the servers that are mounted in a server. */
function mountedIn(server: Server): unknown[] {
  return (insideOf(server)?.layers.listing.listed() ?? []).map(({ value }) =>
    'subject' in value ? value.subject : undefined,
  )
}

/** Sees the servers that come to be, and when they are to start. */
class StartWatch {
  readonly created = new Set<Server>()
  readonly #started = new AbortController()
  /** Resolves when nothing happens in the process any more. */
  readonly idle: Promise<undefined> = new Promise((resolve) => process.once('beforeExit', () => resolve(undefined)))

  constructor() {
    subscribe('tribind:server', this.#take)
  }

  /** Waits for the start of a script: its servers are bound by then. */
  async started(): Promise<void> {
    const { signal } = this.#started
    const late = setTimeout(START_MS, undefined, { ref: false, signal }).catch(() => setTimeout(QUIET_MS))
    await Promise.race([late, this.idle])
  }

  end(): void {
    unsubscribe('tribind:server', this.#take)
  }

  readonly #take = (message: unknown): void => {
    const { server, event } = message as ServerDiagnostics
    this.created.add(server as Server)
    if (event === 'start') this.#started.abort()
  }
}

/** Keeps servers of `node:net`, and so those of `node:http`, from listening for the rest of the process. */
function refuseListeners(): void {
  NetServer.prototype.listen = function listen(this: NetServer) {
    return this
  }
}

function noServer(module: string): ConfigError {
  return new ConfigError(
    `module "${module}" has no application: it must export register(server), a function that binds the routes, or a Server, or start one`,
    { failure: 'ERR_TRIBIND_APPLICATION_MODULE' },
  )
}

function otherCopy(module: string): ConfigError {
  return new ConfigError(
    `module "${module}" uses another copy of tribind than this command, which is in ${ownFolder}: run its own, as npx tribind does in its folder`,
    { failure: 'ERR_TRIBIND_APPLICATION_MODULE' },
  )
}
