import { ConfigError, Server } from '../../index.ts'
import type { ServerHandler } from '../../kit.ts'
import { type LoadedApp, loadApp } from '../load-app.ts'

/** An application of a module. */
export interface RunningApplication {
  readonly server: Server
  /** What serves it at an entry point. */
  readonly handler: ServerHandler
}

/** The applications that services run, by their modules: services of one module share its application. */
export class Applications {
  readonly #all = new Map<string, RunningApplication>()
  readonly #stopping = new Set<Promise<void>>()
  #stopped: (file: string) => void = () => {}

  get(file: string): RunningApplication | undefined {
    return this.#all.get(file)
  }

  /** The longest time that a stop of one waits for requests, in milliseconds; 0 where there is none. */
  get stopTimeout(): number {
    return Math.max(0, ...Array.from(this.#all.values(), ({ handler }) => handler.stopTimeout))
  }

  /** Calls a function once one has stopped that wasn't told to. */
  onStop(stopped: (file: string) => void): void {
    this.#stopped = stopped
  }

  /** Loads an application, unless it is there. Returns whether it wasn't. @throws ConfigError naming the module */
  async load(file: string): Promise<boolean> {
    if (this.#all.has(file)) return false
    const loaded = await loadApp(file, { holds: true })
    let isLoaded = false
    try {
      const server = await serverOf(loaded)
      const application = { server, handler: server.asHandler() }
      this.#all.set(file, application)
      return (isLoaded = true)
    } finally {
      loaded.release(isLoaded)
    }
  }

  /** @throws what its startup hooks, components and database throw */
  async start(file: string): Promise<void> {
    const { server } = this.#all.get(file) as RunningApplication
    try {
      await server.start()
    } catch (cause) {
      throw refuse(`module ${file} fails to start: ${messageOf(cause)}`, cause)
    }
    server.registerShutdownHook(() => {
      if (this.#all.get(file)?.server === server) this.#stopped(file)
    })
  }

  /** Stops some, without waiting: `stopAll` does. */
  stop(files: Iterable<string>): void {
    for (const file of files) {
      const { server } = this.#all.get(file) ?? {}
      this.#all.delete(file)
      if (server === undefined) continue
      const stopping = server.stop().finally(() => this.#stopping.delete(stopping))
      this.#stopping.add(stopping)
    }
  }

  /** Stops those that aren't among some modules. */
  keep(files: ReadonlySet<string>): void {
    this.stop([...this.#all.keys()].filter((file) => !files.has(file)))
  }

  async stopAll(): Promise<void> {
    this.stop([...this.#all.keys()])
    await Promise.all(this.#stopping)
  }
}

async function serverOf(loaded: LoadedApp): Promise<Server> {
  const { place, starting } = loaded
  if (loaded.kind === 'script')
    throw refuse(`${place} starts a server itself: let it export register(server), or the server without starting it`)
  if (loaded.kind === 'register') {
    const server = new Server({ entryPoints: {} })
    try {
      await loaded.register(server)
    } catch (cause) {
      throw refuse(`${place} fails in register(server): ${messageOf(cause)}`, cause)
    }
    return server
  }
  const { server } = loaded
  if (!(server instanceof Server))
    throw refuse(
      `${place} exports a server of another copy of tribind: run the program of that copy, as npx tribind does`,
    )
  if (server.state !== 'created' || starting.has(server))
    throw refuse(`${place} exports a server that it starts itself: export it without starting it`)
  return server
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function refuse(problem: string, cause?: unknown): ConfigError {
  return new ConfigError(problem, { failure: 'ERR_TRIBIND_APPLICATION_MODULE', cause })
}
