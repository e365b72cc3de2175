import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import { Server, TribindError } from '../../index.ts'
import { becomeWorker } from '../../kit.ts'
import { supervise } from '../children/supervise.ts'
import { type Command, type Flags, UsageError } from '../command.ts'
import { loadApp } from '../load-app.ts'
import { parseFlags } from '../parse-flags.ts'
import { prepareCluster, WorkerGroup } from './worker-group.ts'
import { leaveGroup, WorkerLink } from './worker-link.ts'

const flags: Flags = {
  workers: { type: 'string', value: 'N', summary: 'how many processes, or auto for one per processor' },
}

/** `tribind run`. */
export const run: Command = {
  usage: 'run MODULE [--workers N]',
  summary: 'Runs an application: a module that exports register(server) or a Server, or a script that starts its own.',
  flags,
  examples: [
    ['tribind run app.js', 'in this process'],
    ['tribind run app.js --workers 4', 'in four processes on the same addresses; SIGHUP replaces them one by one'],
  ],
  run(args) {
    const { module, workers } = readArguments(args)
    if (cluster.isWorker) return runWorker(module)
    return workers === undefined ? runAlone(module) : runGroup(module, workers)
  },
}

function readArguments(args: readonly string[]): { readonly module: string; readonly workers: number | undefined } {
  const { values, positionals } = parseFlags(flags, args)
  const [workers] = values['workers'] ?? []
  const [module, ...rest] = positionals
  if (module === undefined) throw new UsageError('run: name the module, as in tribind run app.js')
  if (rest.length > 0) throw new UsageError(`run: one module is run, got ${positionals.join(', ')}`)
  return { module, workers: workers === undefined ? undefined : readWorkers(String(workers)) }
}

const MAX_WORKERS = 1024

function readWorkers(given: string): number {
  if (given === 'auto') return availableParallelism()
  const count = /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (count >= 1 && count <= MAX_WORKERS) return count
  throw new UsageError(`run: --workers must be an integer from 1 to ${MAX_WORKERS}, or auto, got "${given}"`)
}

/** Runs the application in this process, until it is stopped. */
async function runAlone(module: string): Promise<number> {
  try {
    await serve(module)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    process.stderr.write(`tribind: ${describe(error)}\n`)
    return 1
  }
}

/** Loads the application, and resolves when its server has stopped; for a script that starts its own, when it is loaded. */
async function serve(module: string): Promise<'server' | 'script'> {
  const app = await loadApp(module)
  app.release()
  if (app.kind === 'script') {
    refuseIdle(app.place, performance.now(), () => app.servers.size === 0)
    return 'script'
  }
  const server = app.kind === 'server' ? app.server : new Server()
  if (app.kind === 'register') await app.register(server)
  if (server.state !== 'created') return 'script'
  await server.registerSignalHook().run()
  return 'server'
}

/** How long a script runs at least that serves something, of whatever kind. */
const IDLE_MS = 100

/** Tells of a module that neither exports an application nor leaves anything running. */
function refuseIdle(place: string, loadedAt: number, isIdle: () => boolean): void {
  process.once('beforeExit', () => {
    if (!isIdle() || performance.now() - loadedAt > IDLE_MS) return
    process.stderr.write(
      `tribind: ${place} has ended: it must export register(server) or a Server, or start a server\n`,
    )
    process.exitCode = 1
  })
}

async function runGroup(module: string, count: number): Promise<number> {
  prepareCluster(['run', module])
  const group = new WorkerGroup(count)
  const run = async () => {
    const failure = await group.start()
    if (failure === undefined) return (await group.whenStopped) ? 0 : 1
    process.stderr.write(`tribind: ${failure}\n`)
    return 1
  }
  return supervise({ children: () => [group], hangUp: () => group.replace(), whenOver: run() })
}

/** Runs the application as one of several processes. */
async function runWorker(module: string): Promise<number> {
  const link = new WorkerLink()
  becomeWorker(link)
  // It is for the first process to know of it.
  process.on('SIGHUP', () => {})
  const whenTold = new Promise<void>((resolve) => (link.onStop = resolve))
  void link.whenStarted.then(() => link.channel.call('ready')).catch(() => {})
  const stopping = whenTold.then(() => stopServers(link))
  try {
    const kind = await serve(module)
    if (kind === 'script') {
      if (link.servers.length === 0) void link.channel.call('ready').catch(() => {})
      await stopping
    }
  } catch (error) {
    await link.channel.call('failed', { reason: describe(error) }).catch(() => {})
    leaveGroup()
    return 1
  }
  leaveGroup()
  return Number(process.exitCode ?? 0)
}

/** Stops the servers of the process; a script that has none of ours stops as others tell it to. */
async function stopServers(link: WorkerLink): Promise<void> {
  if (link.servers.length === 0) process.kill(process.pid, 'SIGTERM')
  await Promise.all(link.servers.map((server) => server.stop()))
}

/** Our messages say all; of other errors, the place may be needed. */
function describe(error: unknown): string {
  if (error instanceof TribindError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
