import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A proxy of others that runs on loopback, with a folder and a configuration of its own. */
export interface RealProxy {
  readonly addr: string
  stop(): Promise<void>
}

export const user = { username: 'ann', password: 's3cret' }

/** What is needed to start one. `folder` is for its files. */
type Program = (place: {
  readonly folder: string
  readonly port: number
  readonly file: (name: string, text: string) => string
}) => string[]

const programs = {
  tinyproxy: ({ port, file }) => {
    const text = `Port ${port}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nBasicAuth ${user.username} ${user.password}\n`
    return ['tinyproxy', '-d', '-c', file('tinyproxy.conf', text)]
  },
  microsocks: ({ port }) => [
    'microsocks',
    '-i',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-u',
    user.username,
    '-P',
    user.password,
  ],
  danted: ({ folder, port, file }) => {
    const text = `
      logoutput: ${folder}/log
      internal: 127.0.0.1 port = ${port}
      external: 127.0.0.1
      clientmethod: none
      socksmethod: none
      user.privileged: root
      user.unprivileged: nobody
      client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
      socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect }
    `
    return ['danted', '-N', '1', '-p', `${folder}/pid`, '-f', file('danted.conf', text)]
  },
  squid: ({ folder, port, file }) => {
    const { stdout } = spawnSync('openssl', ['passwd', '-apr1', user.password], { encoding: 'utf8' })
    const text = `
      http_port 127.0.0.1:${port}
      auth_param basic program /usr/lib/squid/basic_ncsa_auth ${file('users', `${user.username}:${stdout}`)}
      auth_param basic children 1
      acl known proxy_auth REQUIRED
      http_access allow known
      http_access deny all
      cache deny all
      cache_mem 8 MB
      pid_filename none
      access_log none
      cache_log ${folder}/log
      coredump_dir ${folder}
      netdb_filename none
      pinger_enable off
      shutdown_lifetime 0 seconds
    `
    return ['squid', '-N', '-f', file('squid.conf', text)]
  },
} satisfies Record<string, Program>

export type ProgramName = keyof typeof programs

export function isInstalled(name: ProgramName): boolean {
  return spawnSync('which', [name], { env: { PATH: path } }).status === 0
}

// Debian installs them for the administrator.
const path = `${process.env['PATH']}:/usr/sbin:/sbin`

export async function startProxy(name: ProgramName): Promise<RealProxy> {
  const folder = mkdtempSync(join(tmpdir(), `tribind-${name}-`))
  // Some give up the rights of root.
  chmodSync(folder, 0o777)
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const port = await freePort()
  const [program, ...words] = programs[name]({ folder, port, file }) as [string, ...string[]]
  const child = spawn(program, words, { cwd: folder, env: { PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await untilListening(port, child, () => output)
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    // So that those with children of their own end them.
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(late)
    rmSync(folder, { recursive: true, force: true })
  }
  return { addr: `127.0.0.1:${port}`, stop }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function untilListening(port: number, child: ChildProcess, output: () => string): Promise<void> {
  const end = Date.now() + 20_000
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      const tell = (isThere: boolean) => {
        socket.destroy()
        resolve(isThere)
      }
      socket.once('connect', () => tell(true)).once('error', () => tell(false))
    })
    if (isThere) return
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${child.spawnfile} doesn't listen: ${output()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
