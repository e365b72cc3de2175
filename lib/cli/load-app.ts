import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readdirSync, statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, type Server, type ServerDiagnostics } from '../index.ts'
import { suggestName } from '../kit.ts'

/** Binds what an application has on a server that was made for it. */
export type Register = (server: Server) => unknown

/** What a module says of its application. */
export type LoadedApp = LoadedModule &
  (
    | { readonly kind: 'register'; readonly register: Register }
    | { readonly kind: 'server'; readonly server: Server }
    /** It exports neither. With `holds`, it has made servers; else it may still be about to. */
    | { readonly kind: 'script' }
  )

interface LoadedModule {
  /** The path from the root. */
  readonly file: string
  /** How messages name it. */
  readonly place: string
  /** The servers that have come to be in the process since it was loaded, up to `release`. */
  readonly servers: ReadonlySet<Server>
  /** Those of them that were to start. */
  readonly starting: ReadonlySet<Server>
  /** Holds back no more servers. @param starts whether those start that were held back; default true */
  release(starts?: boolean): void
}

/** How a module is loaded. */
export interface LoadAppOptions {
  /** What the path is relative to. Default: the working directory. */
  readonly from?: string
  /** Whether servers that are to start are held back, up to `release`; the module of a script may not end then. Default false. */
  readonly holds?: boolean
}

type Exports = Readonly<Record<string, unknown>>

/** How long a module may take to end once a server was held back: most that haven't ended by then wait for it. */
const HELD_MS = 100

/** How long a module that has ended may take to make a server. */
const QUIET_MS = 2000

/** The files that couldn't be loaded, and how often: Node.js would say the same of them again, whatever they have become. */
const attempts = new Map<string, number>()

/**
 * Loads the module of an application: one that exports `register(server)` or a `Server`, by name or as its default, or a script that
 * starts a server itself.
 *
 * Without `holds`, that of a script that awaits `run()` ends with its server. A server that is exported may have been started: its
 * `state` tells.
 *
 * @param module the path as it was written
 * @throws ConfigError (`ERR_TRIBIND_APPLICATION_MODULE`) for a module that is missing, that fails while it is loaded or, with `holds`,
 * that has no application
 */
export async function loadApp(module: string, { from = '', holds = false }: LoadAppOptions = {}): Promise<LoadedApp> {
  const file = resolve(from, module)
  const place = module === file ? `module ${file}` : `module "${module}" (${file})`
  checkFile(place, file)
  const watch = new ServerWatch(holds)
  try {
    const exported = await importWatched(place, file, watch)
    const { servers, starting } = watch
    const loaded: LoadedModule = { file, place, servers, starting, release: (starts) => watch.end(starts) }
    let app = exported === undefined ? undefined : readExports(place, exported)
    // A server starts once, and a module is loaded once.
    if (app?.kind === 'server' && app.server.state === 'stopped' && exported !== undefined) {
      attempts.set(file, (attempts.get(file) ?? 0) + 1)
      app = readExports(place, (await importWatched(place, file, watch)) ?? exported)
    }
    if (app !== undefined) return { ...loaded, ...app }
    if (holds) await watch.first(QUIET_MS)
    if (holds && servers.size === 0) throw wrong(`${place} ${describeExports(exported)}`)
    return { ...loaded, kind: 'script' }
  } catch (error) {
    watch.end(false)
    throw error
  }
}

/** Returns what the module exports; `undefined` where it waits for a server that is held back. */
async function importWatched(place: string, file: string, watch: ServerWatch): Promise<Exports | undefined> {
  const attempt = attempts.get(file) ?? 0
  const { href } = pathToFileURL(file)
  const imported = (import(attempt === 0 ? href : `${href}?attempt=${attempt}`) as Promise<Exports>).catch(
    (cause: unknown) => {
      attempts.set(file, attempt + 1)
      throw wrong(`${place} ${describeFailure(cause, file)}`, cause)
    },
  )
  const ending = new AbortController()
  const waited = watch.held.then(() => setTimeout(HELD_MS, undefined, ending))
  try {
    return await Promise.race([imported, waited.catch(() => undefined)])
  } finally {
    ending.abort()
  }
}

/** Sees the servers that come to be in the process, and holds them back where that is asked for. */
class ServerWatch {
  readonly servers = new Set<Server>()
  readonly starting = new Set<Server>()
  readonly #holds: boolean
  #release!: () => void
  readonly #released: Promise<void> = new Promise((fulfil) => (this.#release = fulfil))
  #tellHeld!: () => void
  /** Resolves when a server was held back. */
  readonly held: Promise<void> = new Promise((fulfil) => (this.#tellHeld = fulfil))

  constructor(holds: boolean) {
    this.#holds = holds
    subscribe('tribind:server', this.#take)
  }

  /** Waits for the first server. */
  async first(ms: number): Promise<void> {
    const until = performance.now() + ms
    while (this.servers.size === 0 && performance.now() < until) await setTimeout(10)
  }

  end(starts = true): void {
    unsubscribe('tribind:server', this.#take)
    if (starts) this.#release()
  }

  readonly #take = (message: unknown): void => {
    const { server, event, hold } = message as ServerDiagnostics
    this.servers.add(server as Server)
    if (event !== 'start') return
    this.starting.add(server as Server)
    if (!this.#holds) return
    hold(this.#released)
    this.#tellHeld()
  }
}

/** Returns the application among what a module exports; `undefined` if there is none. @throws ConfigError for several servers */
function readExports(
  place: string,
  exported: Exports,
): { kind: 'register'; register: Register } | { kind: 'server'; server: Server } | undefined {
  const { default: whole, ...named } = exported
  // What a CommonJS module exports, and an object of functions, is the default.
  const inside = typeof whole === 'object' && whole !== null && !isServer(whole) ? (whole as Exports) : {}
  for (const owner of [named, inside] as Exports[]) {
    const { register } = owner
    if (typeof register === 'function')
      return { kind: 'register', register: (server) => (owner['register'] as Register)(server) }
    if (register !== undefined && !isServer(register))
      throw wrong(`${place} exports "register", which must be a function`)
  }
  const servers = [...new Set([...Object.values(named), ...Object.values(inside)].filter(isServer))]
  const server = [whole, inside['default']].find(isServer) ?? (servers.length === 1 ? servers[0] : undefined)
  if (server !== undefined) return { kind: 'server', server }
  if (servers.length > 1)
    throw wrong(`${place} exports ${servers.length} servers: make the one that is meant the default export`)
  const register = [whole, inside['default']].find(isRegister)
  return register && { kind: 'register', register }
}

/** Also one of another copy of tribind. */
function isServer(value: unknown): value is Server {
  if (typeof value !== 'object' || value === null) return false
  return ['start', 'stop', 'handle', 'handleUpgrade', 'routes'].every(
    (name) => typeof (value as Exports)[name] === 'function',
  )
}

function isRegister(value: unknown): value is Register {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value))
}

/** @throws ConfigError for a file that isn't there */
function checkFile(place: string, file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() === true) return
  if (found !== undefined) throw wrong(`${place} is no file: name the module in it`)
  throw wrong(`${place} does not exist${suggestName(basename(file), listFolder(dirname(file)))}`)
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function describeExports(exported: Exports | undefined): string {
  const names = Object.keys(exported ?? {})
  const there = names.length === 0 ? 'exports nothing' : `exports ${names.join(', ')}`
  return `${there}: it must export register(server), a function that binds the routes, or a Server`
}

const TYPESCRIPT = 'run tribind by Node.js 22.18 or later, or load tsx with it: NODE_OPTIONS="--import tsx"'

/** What the codes of Node.js mean for those who wrote the module. */
const hints: Readonly<Record<string, string>> = {
  ERR_UNKNOWN_FILE_EXTENSION: `needs its types removed: ${TYPESCRIPT}`,
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'has syntax that Node.js can\'t remove: load tsx with it, NODE_OPTIONS="--import tsx"',
  ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING: "is TypeScript in node_modules, which Node.js doesn't run: compile it",
}

function describeFailure(cause: unknown, file: string): string {
  const { code = '', stack = '' } = (cause ?? {}) as { code?: string; stack?: string }
  const hint = code === 'ERR_UNKNOWN_FILE_EXTENSION' && !/\.[cm]?ts$/.test(file) ? undefined : hints[code]
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  if (hint !== undefined) return `${hint} (${message})`
  const place = stack.match(/file:\/\/[^\s)]+:\d+(?::\d+)?/g)?.find((line) => !line.includes('/node_modules/'))
  return `fails while it is loaded: ${message}${place === undefined ? '' : ` (${place})`}`
}

function wrong(message: string, cause?: unknown): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_APPLICATION_MODULE', cause })
}
