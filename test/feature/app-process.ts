import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { until } from './both-ways.ts'
import type { Told } from './signals-app.ts'

const running = new Set<ChildProcess>()

/** An application in a process of its own. It is passed one argument, and tells what happens. */
export class AppProcess {
  readonly told: Told[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown[]>
  #stderr = ''

  constructor(scenario: string, app = new URL('signals-app.ts', import.meta.url)) {
    const child = spawn(process.execPath, ['--import=tsx', fileURLToPath(app), scenario])
    running.add(child)
    // Closed when all that was told has arrived, too.
    this.#exited = once(child, 'close').finally(() => running.delete(child))
    createInterface({ input: child.stdout }).on('line', (line) => this.told.push(JSON.parse(line) as Told))
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    this.#child = child
  }

  /** Ends those that a failed test has left. */
  static killAll(): void {
    for (const child of running) child.kill('SIGKILL')
  }

  count(event: Told['event']): number {
    return this.told.filter((told) => told.event === event).length
  }

  async hasTold(event: Told['event'], times = 1): Promise<Told> {
    await until(() => this.count(event) >= times, `${event} was told ${times} times; ${this.#stderr}`, 15_000)
    return this.told.findLast((told) => told.event === event) as Told
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** What the process ended with: its exit code and the signal that killed it. */
  async end(): Promise<{ code: unknown; signal: unknown; stderr: string }> {
    const [code, signal] = await this.#exited
    return { code, signal, stderr: this.#stderr }
  }
}
