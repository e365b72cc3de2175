import { constants } from 'node:os'
import { within } from '../../kit.ts'
import type { Child } from './child.ts'

/** How long a reader of the output has for the last of it after a stop. */
const OUTPUT_MS = 500
/** Signals that arrive within this time count as one: npm passes Ctrl-C on to a process that the terminal sends it to as well. */
const SAME_SIGNAL_MS = 100

/** What is stopped by a signal, and killed by a second one. */
type Stoppable = Pick<Child, 'kill'> & { stop(signal: NodeJS.Signals): Promise<unknown> }

export interface SuperviseOptions {
  /** Those that there are now. Read for each signal. */
  readonly children: () => Iterable<Stoppable>
  /** What SIGHUP does. */
  readonly hangUp: () => void
  /** Settles when all is over. Its result is the exit code. */
  readonly whenOver: Promise<number>
}

/**
 * Passes signals on until all is over. SIGINT and SIGTERM stop all children; a second one kills them. When the output can't be
 * written any more, since its reader has ended, they are stopped as well.
 *
 * @returns the exit code: that of `whenOver`, 128 and the number of the signal if there was a second one, 1 if the output is lost
 */
export async function supervise({ children, hangUp, whenOver }: SuperviseOptions): Promise<number> {
  const stopping = new Stopping(children)
  const stop = (signal: NodeJS.Signals) => stopping.take(signal)
  const loseOutput = () => stopping.loseOutput()
  const listeners = { SIGINT: stop, SIGTERM: stop, SIGHUP: hangUp }
  const outputs = [process.stdout, process.stderr]
  for (const [signal, listener] of Object.entries(listeners)) process.on(signal, listener)
  for (const stream of outputs) stream.on('error', loseOutput)
  const code = await whenOver
  if (stopping.startedAt === undefined) return code
  await within(OUTPUT_MS, Promise.all(outputs.map((stream) => new Promise<unknown>((done) => stream.write('', done)))))
  // Else a reader that doesn't read would keep it running.
  process.exit(stopping.exitCode ?? code)
}

class Stopping {
  exitCode: number | undefined
  startedAt: number | undefined
  readonly #children: () => Iterable<Stoppable>

  constructor(children: () => Iterable<Stoppable>) {
    this.#children = children
  }

  take(signal: NodeJS.Signals): void {
    if (this.startedAt === undefined) this.#stop(signal)
    else if (performance.now() - this.startedAt > SAME_SIGNAL_MS) {
      this.exitCode = 128 + constants.signals[signal]
      for (const child of this.#children()) child.kill()
    }
  }

  loseOutput(): void {
    this.exitCode ??= 1
    if (this.startedAt === undefined) this.#stop('SIGTERM')
  }

  #stop(signal: NodeJS.Signals): void {
    this.startedAt = performance.now()
    for (const child of this.#children()) void child.stop(signal)
  }
}
