import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { setTimeout as delay } from 'node:timers/promises'

const outfile = fileURLToPath(new URL(`../../../dist/groups-test-${process.pid}.mjs`, import.meta.url))

/** Builds the program, so that its processes start in a tenth of a second. */
export async function buildProgram(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('program.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  })
}

export function removeProgram(): void {
  rmSync(outfile, { force: true })
}

/** How a first process has ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A first process with its groups. */
export class Groups {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''
  static readonly #all: Groups[] = []

  /** @param words as they are on the command line */
  constructor(words: readonly string[], command: readonly string[] = [process.execPath, outfile, ...words]) {
    const [file = '', ...args] = command
    const env = { ...process.env, LOG_LEVEL: 'info' }
    // A process group of its own, as on a terminal.
    this.child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }))
    Groups.#all.push(this)
  }

  /** Starts one that runs on a terminal; what is written to its input is typed there. */
  static onTerminal(words: readonly string[]): Groups {
    // In place of the shell: Debian's, which `script` starts where SHELL isn't set, would end by the Ctrl-C itself.
    const line = ['exec', process.execPath, outfile, ...words].map((word) => `'${word}'`).join(' ')
    return new Groups(words, ['script', '--quiet', '--return', '--command', line, '/dev/null'])
  }

  /** Ends all that a failed test has left. */
  static endAll(): void {
    for (const { child, pids } of Groups.#all.splice(0))
      for (const pid of [-(child.pid as number), ...pids])
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has ended.
        }
  }

  /** The processes of groups that have said their number. */
  get pids(): number[] {
    return Array.from(this.output.matchAll(/pid (\d+)/g), ([, pid]) => Number(pid))
  }

  get output(): string {
    return `${this.stdout}\n${this.stderr}`
  }

  get lines(): string[] {
    return this.output.split(/\r?\n/)
  }

  /** Waits until the output has so many matches, and returns the first groups of them. */
  async wrote(pattern: RegExp, count = 1): Promise<string[]> {
    const all = new RegExp(pattern, `g${pattern.flags}`)
    return until(
      () => {
        const found = Array.from(this.output.matchAll(all), ([whole, first]) => first ?? whole)
        return found.length >= count && found
      },
      () => `${pattern} in ${this.output}`,
    )
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Sends a signal as a terminal does, to all that are of the process group. */
  killAll(signal: NodeJS.Signals): void {
    process.kill(-(this.child.pid as number), signal)
  }

  /** Waits until no process runs that has one of these numbers, or guards one that has. */
  async gone(pids: readonly number[] = this.pids): Promise<void> {
    await until(
      () => pids.every((pid) => !isRunning(pid)) && !runningGuards().some((pid) => pids.includes(pid)),
      () => `end of ${pids.filter(isRunning).join(', ')}`,
    )
  }
}

/** Waits until a function returns a value that isn't false, at most for 40 s. */
export async function until<T>(read: () => T | false, expected: () => string): Promise<T> {
  for (const deadline = performance.now() + 40_000; performance.now() < deadline; await delay(20)) {
    const value = read()
    if (value !== false) return value
  }
  throw new Error(`expected ${expected()}`)
}

/** Returns whether a process runs; one that has ended may wait for its parent, who may not be interested. */
export function isRunning(pid: number): boolean {
  return ![undefined, 'Z', 'X'].includes(readFileOf(pid, 'stat').split(') ')[1]?.[0])
}

/** The numbers of the processes that guards are there for. */
function runningGuards(): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const words = pids.map((pid) => readFileOf(Number(pid), 'cmdline').split('\0'))
  return words.filter(([, , script]) => script?.includes('read -r line')).map(([, , , pid]) => Number(pid))
}

function readFileOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
