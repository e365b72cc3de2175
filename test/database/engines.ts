import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'

/** The engines of the tests, by the name of their client. */
export type EngineName = 'postgres' | 'mysql'

/** A database server of the tests, on data of its own below the temporary folder and on loopback. */
export interface Engine {
  /** Where its user with all rights reaches it. */
  readonly url: string
  readonly pid: number
  /** Ends it, in order or as a crash does; its data stay. */
  stop(how?: 'in order' | 'crash'): Promise<void>
  /** Starts it again, at the same address and with the same data. */
  start(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

interface Kind {
  readonly program: string
  /** Who runs it where the tests run as root. */
  readonly user: string
  create(folder: string, run: (program: string, args: readonly string[]) => void): void
  args(folder: string): readonly string[]
  settings(folder: string, port: number): Readonly<Record<string, string | number>>
  url(port: number): string
  readonly signals: { readonly 'in order': NodeJS.Signals; readonly crash: NodeJS.Signals }
}

const USER = 'tribind'
const PASSWORD = 'tests-only'
const MOST_CONNECTIONS = 300

const kinds: Readonly<Record<EngineName, Kind>> = {
  postgres: {
    program: 'postgres',
    user: 'postgres',
    create(folder, run) {
      const passwordFile = join(folder, 'password')
      writeFileSync(passwordFile, PASSWORD, { mode: 0o644 })
      const auth = ['--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`]
      run('initdb', ['-D', join(folder, 'data'), ...auth, '--no-sync', '--encoding=UTF8', '--no-locale'])
    },
    args: (folder) => ['-D', join(folder, 'data')],
    settings: (_folder, port) => ({
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: MOST_CONNECTIONS,
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      shared_buffers: '16MB',
      autovacuum: 'off',
    }),
    url: (port) => `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    // After SIGKILL, its other processes would keep it from being started again.
    signals: { 'in order': 'SIGINT', crash: 'SIGQUIT' },
  },
  mysql: {
    program: 'mariadbd',
    user: 'mysql',
    create(folder, run) {
      const accounts = `create user if not exists ${USER}@'%' identified by '${PASSWORD}'; grant all on *.* to ${USER}@'%' with grant option;`
      writeFileSync(join(folder, 'accounts.sql'), accounts.replaceAll('; ', ';\n'), { mode: 0o644 })
      const root = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve']
      const user = process.getuid?.() === 0 ? ['--user=mysql'] : []
      run('mariadb-install-db', ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...root, ...user])
    },
    args: () => ['--no-defaults'],
    settings: (folder, port) => ({
      datadir: join(folder, 'data'),
      'init-file': join(folder, 'accounts.sql'),
      socket: join(folder, 'socket'),
      'pid-file': join(folder, 'pid'),
      port,
      'bind-address': '127.0.0.1',
      'skip-name-resolve': 'on',
      // As Debian configures it.
      'character-set-server': 'utf8mb4',
      'max-connections': MOST_CONNECTIONS,
      'performance-schema': 'off',
      'innodb-flush-log-at-trx-commit': 0,
      'innodb-flush-method': 'nosync',
      'innodb-buffer-pool-size': '16M',
    }),
    url: (port) => `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/mysql`,
    signals: { 'in order': 'SIGTERM', crash: 'SIGKILL' },
  },
}

/** Debian keeps the programs of PostgreSQL out of the way, by version. */
const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', ...[18, 17, 16, 15].map(folderOfPostgres)]

/** Returns whether the programs of an engine are on this machine. */
export function isInstalled(name: EngineName): boolean {
  return findProgram(kinds[name].program) !== undefined
}

/** Starts an engine on a free port; it is ended with this process, unless it `outlives` it. @param settings more of its own */
export async function startEngine(
  name: EngineName,
  { outlives = false, settings = {} }: { outlives?: boolean; settings?: Readonly<Record<string, string>> } = {},
): Promise<Engine> {
  const kind = kinds[name]
  const folder = mkdtempSync(join(tmpdir(), `tribind-${name}-`))
  const owner = ownerOf(kind.user)
  if (owner) chownSync(folder, owner.uid, owner.gid)
  kind.create(folder, (program, args) => {
    execFileSync(programOf(program), args, { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  })
  const port = await freePort()
  const url = kind.url(port)
  let child: ChildProcess | undefined

  const stop: Engine['stop'] = async (how = 'in order') => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = new Promise((resolve) => ending.once('exit', resolve))
    ending.ref()
    ending.kill(kind.signals[how])
    await ended
  }
  const start = async () => {
    const log = openSync(join(folder, 'log'), 'a')
    const stdio = ['ignore', log, log] as const
    const all = { ...kind.settings(folder, port), ...settings }
    const options = Object.entries(all).map(([setting, value]) => `--${setting}=${value}`)
    child = spawn(programOf(kind.program), [...kind.args(folder), ...options], {
      ...owner,
      cwd: folder,
      stdio: [...stdio],
      detached: true,
    })
    child.unref()
    await untilItAnswers(name, url, child, folder)
  }
  const removeAll = () => rmSync(folder, { recursive: true, force: true })
  const end = () => {
    child?.kill('SIGKILL')
    removeAll()
  }
  if (!outlives) process.once('exit', end)
  await start()
  return {
    url,
    get pid() {
      return child?.pid ?? 0
    },
    start,
    stop,
    async remove() {
      await stop()
      process.off('exit', end)
      removeAll()
    },
  }
}

/** Runs one statement as the user with all rights. */
export async function runOn(url: string, statement: string): Promise<void> {
  if (url.startsWith('mysql:')) {
    const connection = await createConnection(url)
    // An engine that is ended while the connection is open must not end the tests.
    connection.on('error', () => {})
    await connection.query(statement).finally(() => connection.destroy())
  } else {
    const client = new Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
}

async function untilItAnswers(name: EngineName, url: string, child: ChildProcess, folder: string): Promise<void> {
  const end = Date.now() + 60_000
  for (;;) {
    try {
      return await runOn(url, 'select 1')
    } catch (error) {
      const isOver = child.exitCode !== null || child.signalCode !== null || Date.now() > end
      if (isOver)
        throw new Error(`${name} did not start:\n${readFileSync(join(folder, 'log'), 'utf8')}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Both engines refuse to run as root. */
function ownerOf(user: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (what: string) => Number(execFileSync('id', [what, user], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function findProgram(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

function programOf(program: string): string {
  const path = findProgram(program)
  if (path === undefined) throw new Error(`${program} is not installed`)
  return path
}

function folderOfPostgres(version: number): string {
  return `/usr/lib/postgresql/${version}/bin`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
