import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { within } from '../../kit.ts'
import { DEFAULT_STOP_MS, GRACE_MS, isChildMessage } from './child-message.ts'
import { describeStart, type Ended, whenEnded } from './ended.ts'
import { Guard } from './guard.ts'
import { nextDelay } from './next-delay.ts'
import { PrefixLines } from './prefix-lines.ts'

/** How long the child has to end itself before it is killed. */
const OWN_END_MS = 1000
/** How long the last output may take; what the child has left behind may keep it open for good. */
const OUTPUT_MS = 500

/** The exit code of a command line that can't be understood, which starting again doesn't change. */
const USAGE_EXIT = 2

export interface ChildOptions {
  /** What it is called in what is told of it, such as `group 1`. */
  readonly name: string
  /** What each line of its output begins with. */
  readonly prefix: string
  /**
   * Starts the process, with a channel, pipes as its output, and `TRIBIND_CHILD` in its environment, so that it calls `endWithParent`.
   * Called again for each restart.
   */
  readonly start: () => ChildProcess
  /** Whether it is started again when it fails. Default true. */
  readonly restarts?: boolean
}

/**
 * A process of ours: its output appears line by line, and it is started again when it fails, after 0.5 s, then twice as long each
 * time up to 30 s, or 0.5 s again once it has run for 30 s. It never outlives this process: it ends itself when the channel closes,
 * and is killed if it can't.
 */
export class Child {
  /**
   * Resolves with the exit code when it has ended and isn't started again: by `stop`, with code 0, with 2, since what is written
   * wrongly stays so, or after a failure if it doesn't restart. 128 and the number of the signal if a signal ended it.
   */
  readonly whenOver: Promise<number>
  readonly #options: ChildOptions
  readonly #stopping = new AbortController()
  #stopSignal: NodeJS.Signals | undefined
  #process: ChildProcess | undefined
  #stopTimeoutMs: number | undefined

  /** Starts it. */
  constructor(options: ChildOptions) {
    this.#options = options
    this.whenOver = this.#run()
  }

  /** The process that runs now. `undefined` between two of them, and when it is over. */
  get process(): ChildProcess | undefined {
    return this.#process
  }

  /** Makes it read its files again. A process that is about to start hasn't read any. */
  hangUp(): void {
    if (this.#stopTimeoutMs !== undefined) this.#process?.kill('SIGHUP')
  }

  /** Ends it, and starts it no more. What hasn't ended some seconds after its longest `stopTimeout` is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#stopSignal ??= signal
    this.#stopping.abort()
    this.#process?.kill(signal)
    const killAfterMs = this.#killAfterMs
    const timeout = setTimeout(() => {
      tell(`${this.#options.name} has not stopped in ${killAfterMs / 1000} s, and is killed`)
      this.kill()
    }, killAfterMs)
    await this.whenOver
    clearTimeout(timeout)
  }

  /** Ends it at once, and starts it no more. */
  kill(): void {
    this.#stopping.abort()
    this.#process?.kill('SIGKILL')
  }

  get #killAfterMs(): number {
    return (this.#stopTimeoutMs ?? DEFAULT_STOP_MS) + GRACE_MS + OWN_END_MS
  }

  async #run(): Promise<number> {
    const { name, restarts = true } = this.#options
    const { signal: stopping } = this.#stopping
    let waitMs = 0
    for (;;) {
      const startedAt = performance.now()
      const { code, signal, how } = await this.#runOnce().catch(describeStart)
      // Before it listened to signals, there was nothing to stop.
      if (stopping.aborted) return signal !== undefined && signal === this.#stopSignal ? 0 : code
      const isOver = code === 0 || code === USAGE_EXIT || !restarts
      waitMs = nextDelay(waitMs, performance.now() - startedAt)
      tell(`${name} ${how}${isOver ? '' : `, and starts again in ${waitMs / 1000} s`}`)
      if (isOver) return code
      await delay(waitMs, undefined, { signal: stopping }).catch(() => {})
      if (stopping.aborted) return 0
    }
  }

  async #runOnce(): Promise<Ended> {
    const child = this.#options.start()
    this.#process = child
    this.#stopTimeoutMs = undefined
    const guard = new Guard(child.pid, this.#killAfterMs)
    child.on('message', (message: unknown) => {
      if (!isChildMessage(message)) return
      this.#stopTimeoutMs = message.tribindStopTimeout
      guard.allow(this.#killAfterMs)
    })
    const shown = this.#showOutput(child)
    const ended = await whenEnded(child)
    this.#process = undefined
    guard.dismiss()
    await within(OUTPUT_MS, shown)
    return ended
  }

  async #showOutput({ stdout, stderr }: ChildProcess): Promise<void> {
    const { prefix } = this.#options
    await Promise.all([showLines(stdout, process.stdout, prefix), showLines(stderr, process.stderr, prefix)])
  }
}

/** @param from not there where a process could not be started */
async function showLines(from: Readable | null | undefined, to: Writable, prefix: string): Promise<void> {
  if (!from) return
  const lines = new PrefixLines(prefix)
  // One for each process that goes there.
  to.setMaxListeners(to.getMaxListeners() + 1)
  from.pipe(lines).pipe(to, { end: false })
  await finished(lines).catch(() => {})
  to.setMaxListeners(to.getMaxListeners() - 1)
}

function tell(text: string): void {
  process.stderr.write(`tribind: ${text}\n`)
}
