import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { within } from '../../kit.ts'
import { DEFAULT_STOP_MS, GRACE_MS, isChildMessage } from './child-message.ts'
import { PrefixLines } from './prefix-lines.ts'

/** The delays before a process that failed starts again. */
const SHORTEST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000
/** How long a process has to run for the next delay to be the shortest again. */
const RUNS_WELL_MS = 30_000
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
    const guard = new Guard(child, this.#killAfterMs)
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

/** Returns the delay before the next start, in milliseconds. @param before the last one, 0 if there was none */
export function nextDelay(before: number, ranForMs: number): number {
  if (before === 0 || ranForMs >= RUNS_WELL_MS) return SHORTEST_DELAY_MS
  return Math.min(before * 2, LONGEST_DELAY_MS)
}

/** How a process has ended. */
interface Ended {
  readonly code: number
  readonly signal?: NodeJS.Signals | undefined
  /** Goes on a sentence that begins with its name. */
  readonly how: string
}

function whenEnded(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ code: code as number, how: `ended with exit code ${code}` })
      else resolve({ code: 128 + constants.signals[signal], signal, how: `was ended by ${signal}` })
    })
    // Later errors are of messages that can't be sent any more.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(describeStart(error))
    })
  })
}

/** Returns how a process ended that the system had no room for. */
function describeStart({ message }: Error): Ended {
  return { code: 1, how: `could not be started: ${message}` }
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

/**
 * Reads how many seconds the process may take, which the last line says, and kills it that much after the end of the lines, unless the
 * last one says that it is over.
 */
const guardScript = `
while read -r line; do seconds=$line; done
while [ "$seconds" -gt 0 ] && kill -s 0 "$0" 2>/dev/null; do sleep 1; seconds=$((seconds - 1)); done
[ "$seconds" -ge 0 ] && kill -s KILL "$0" 2>/dev/null`

/**
 * A small process that kills a child some time after this process has died, in case the child can't end itself: it hangs, or is
 * stopped. Where there is no shell, nothing does.
 */
class Guard {
  readonly #input: Writable | null | undefined

  constructor({ pid }: ChildProcess, killAfterMs: number) {
    const child = spawn('/bin/sh', ['-c', guardScript, String(pid)], {
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    child.on('error', () => {}).unref()
    this.#input = child.stdin
    this.#input?.on('error', () => {})
    this.allow(killAfterMs)
  }

  allow(killAfterMs: number): void {
    this.#input?.write(`${Math.ceil(killAfterMs / 1000)}\n`)
  }

  dismiss(): void {
    this.#input?.end('-1\n')
  }
}
