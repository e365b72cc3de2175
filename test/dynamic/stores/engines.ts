import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isInstalled as isDatabaseInstalled, startEngine as startDatabase } from '../../database/engines.ts'

/** An engine of the tests, on data of its own below the temporary folder and on loopback. */
export interface StoreEngine {
  readonly url: string
  /** Ends it as a crash does; its data stay. */
  crash(): Promise<void>
  /** Starts it again, at the same address and with the same data. */
  start(): Promise<void>
  /** Stops its processes, as a machine that hangs does, until `thaw`. */
  freeze(): void
  thaw(): void
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

export type EngineName = 'redis' | 'postgres' | 'nats' | 'etcd'

interface Kind {
  readonly program: string
  args(port: number, folder: string, otherPort: number): readonly string[]
  url(port: number): string
  /** Whether what listens also serves. */
  isReady(url: string): Promise<boolean>
}

const kinds: Readonly<Record<Exclude<EngineName, 'postgres'>, Kind>> = {
  redis: {
    program: 'redis-server',
    args: (port, folder) =>
      `--port ${port} --bind 127.0.0.1 --dir ${folder} --save  --appendonly yes --appendfsync always`.split(' '),
    url: (port) => `redis://127.0.0.1:${port}`,
    isReady: listens,
  },
  nats: {
    program: 'nats-server',
    args(port, folder) {
      const settings = `listen: "127.0.0.1:${port}"\nmax_payload: 32MB\nmax_pending: 64MB\njetstream { store_dir: "${folder}" }\n`
      writeFileSync(join(folder, 'nats.conf'), settings)
      return ['-c', join(folder, 'nats.conf')]
    },
    url: (port) => `nats://127.0.0.1:${port}`,
    isReady: listens,
  },
  etcd: {
    program: 'etcd',
    args(port, folder, otherPort) {
      const [clients, peers] = [port, otherPort].map((at) => `http://127.0.0.1:${at}`)
      const settings = {
        'data-dir': join(folder, 'data'),
        'max-request-bytes': '33554432',
        'log-level': 'error',
        'listen-client-urls': clients,
        'advertise-client-urls': clients,
        'listen-peer-urls': peers,
        'initial-advertise-peer-urls': peers,
        'initial-cluster': `default=${peers}`,
      }
      return Object.entries(settings).map(([setting, value]) => `--${setting}=${value}`)
    },
    url: (port) => `http://127.0.0.1:${port}`,
    isReady: async (url) => (await fetch(`${url}/health`)).ok,
  },
}

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin']

/** Returns whether the program of an engine is on this machine. */
export function isInstalled(name: EngineName): boolean {
  if (name === 'postgres') return isDatabaseInstalled('postgres')
  return FOLDERS.some((folder) => existsSync(join(folder, kinds[name].program)))
}

/** Starts an engine on a free port; it is ended with this process. */
export async function startEngine(name: EngineName): Promise<StoreEngine> {
  return name === 'postgres' ? startPostgres() : startStore(name, kinds[name])
}

async function startPostgres(): Promise<StoreEngine> {
  // What was written is still there after a crash.
  const engine = await startDatabase('postgres', { settings: { synchronous_commit: 'on' } })
  return {
    url: engine.url,
    crash: () => engine.stop('crash'),
    start: () => engine.start(),
    freeze: () => signalAll(engine.pid, 'SIGSTOP'),
    thaw: () => signalAll(engine.pid, 'SIGCONT'),
    remove: () => engine.remove(),
  }
}

/** Each of its connections is a process. */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  for (const one of [pid, ...children.trim().split(/\s+/).map(Number)]) process.kill(one, signal)
}

async function startStore(name: EngineName, kind: Kind): Promise<StoreEngine> {
  const folder = mkdtempSync(join(tmpdir(), `tribind-${name}-`))
  const [port, otherPort] = [await freePort(), await freePort()]
  const url = kind.url(port)
  let child: ChildProcess | undefined

  const start = async () => {
    const log = openSync(join(folder, 'log'), 'a')
    child = spawn(kind.program, kind.args(port, folder, otherPort), { cwd: folder, stdio: ['ignore', log, log] })
    child.unref()
    await untilReady(kind, url, child, folder)
  }
  const crash = async () => {
    const ending = child
    child = undefined
    if (ending === undefined) return
    ending.ref()
    const ended = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGKILL')
    await ended
  }
  const end = () => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', end)
  await start()
  return {
    url,
    start,
    crash,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async remove() {
      await crash()
      process.off('exit', end)
      end()
    },
  }
}

async function untilReady(kind: Kind, url: string, child: ChildProcess, folder: string): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await kind.isReady(url).catch(() => false))) {
    if (child.exitCode !== null || Date.now() > end)
      throw new Error(`${kind.program} did not start:\n${readFileSync(join(folder, 'log'), 'utf8')}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
