import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { bin } from './tribind.ts'

/** How long anything may take, on a machine that others use as well. */
const PATIENCE_MS = 25_000

/** A process of `tribind` that runs services. */
export class ServicesProcess {
  readonly child: ChildProcess
  /** What standard output and standard error have said, in the order in which it came. */
  output = ''
  readonly #ended: Promise<number>
  #seen = 0

  constructor(
    args: readonly string[],
    cwd?: string,
    [file = '', ...first]: readonly string[] = [process.execPath, bin],
  ) {
    const env = { ...process.env, LOG_LEVEL: 'info', NODE_OPTIONS: '' }
    this.child = spawn(file, [...first, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    this.#ended = once(this.child, 'close').then(([code, signal]) => (code as number | null) ?? (signal as never))
  }

  /** Waits for what is said from here on, or since the last call, and returns the whole line. */
  async line(wanted: string | RegExp): Promise<string> {
    const pattern = typeof wanted === 'string' ? new RegExp(wanted.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')) : wanted
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      const rest = this.output.slice(this.#seen)
      const match = pattern.exec(rest)
      if (match !== null) {
        const end = rest.indexOf('\n', match.index)
        if (end >= 0) {
          this.#seen += end + 1
          return rest.slice(rest.lastIndexOf('\n', match.index) + 1, end)
        }
      }
      if (performance.now() > until || this.child.exitCode !== null)
        throw new Error(`"${String(wanted)}" wasn't said, but: ${rest}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Waits until as many addresses are listened on. */
  async listening(count: number): Promise<this> {
    for (let i = 0; i < count; i++) await this.line('Listening on')
    return this
  }

  /** Makes it read again. Returns what it says of that. */
  async reload(): Promise<string> {
    this.child.kill('SIGHUP')
    return this.line(/The services were read again|SIGHUP has changed nothing/)
  }

  /** Returns the exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.child.kill(signal)
    return this.ended
  }

  get ended(): Promise<number> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`it hasn't ended, and has said: ${this.output}`)), PATIENCE_MS).unref()
    })
    return Promise.race([this.#ended, late])
  }
}

/** Returns ports that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
