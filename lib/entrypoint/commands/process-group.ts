import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { within } from '../../base/within.ts'
import { readdir, readFile } from 'node:fs/promises'

/** How long what was asked to end may take. */
export const GRACE_MS = 5000
const POLL_MS = 20
/** How often a look is taken whether a group still runs whose program has ended. */
const WATCH_MS = 1000
/** How long the last output of a program may take; a process that it left behind may keep its output open for good. */
const OUTPUT_MS = 200

// Windows has none: there, the program alone is ended.
const hasGroups = process.platform !== 'win32'

export interface Program {
  readonly file: string
  readonly args: readonly string[]
  /** Whether a shell runs `file`. */
  readonly shell: boolean
  readonly env: NodeJS.ProcessEnv
}

/** How a program has ended: one of the two isn't `null`. */
export interface Exit {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program with all that it starts, as a process group of its own. It doesn't outlive this process. */
export class ProcessGroup {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the program itself has ended. */
  readonly whenExited: Promise<Exit>
  /** Resolves when nothing of the group runs any more, up to a second late, and its output is closed. */
  readonly whenOver: Promise<unknown>
  readonly #pid: number
  readonly #whenClosed: Promise<unknown>
  readonly #dismissGuard: () => void
  #isGone = false

  private constructor(child: ChildProcess, whenExited: Promise<Exit>, whenClosed: Promise<unknown>) {
    this.stdout = child.stdout as Readable
    this.stderr = child.stderr as Readable
    this.whenExited = whenExited
    this.#pid = (hasGroups ? -1 : 1) * (child.pid as number)
    this.#whenClosed = whenClosed
    this.#dismissGuard = hasGroups ? guard(this.#pid) : () => {}
    this.whenOver = Promise.all([this.#watch(), whenClosed])
  }

  /** Starts a program without standard input. Rejects with a system error if there is no such program. */
  static async start({ file, args, shell, env }: Program): Promise<ProcessGroup> {
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    const child = spawn(file, args, { shell, env, stdio: [...stdio], detached: hasGroups, windowsHide: true })
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
    })
    const closed = new Promise((resolve) => child.once('close', resolve))
    await once(child, 'spawn')
    return new ProcessGroup(child, exited, closed)
  }

  /** Whether anything of the group still runs. */
  get isAlive(): boolean {
    return this.#signal(0)
  }

  /** Resolves when the output of a program that has ended was read. */
  readOutput(): Promise<void> {
    return within(OUTPUT_MS, this.#whenClosed)
  }

  /** Asks the group to end, kills what hasn't ended in time, and closes the output. */
  async end(): Promise<void> {
    if (this.#signal('SIGTERM')) await this.#goneWithin(GRACE_MS)
    if (this.#signal('SIGKILL')) await this.#goneWithin(GRACE_MS)
    this.#forget()
    await this.readOutput()
    this.stdout.destroy()
    this.stderr.destroy()
  }

  async #goneWithin(ms: number): Promise<void> {
    const deadline = performance.now() + ms
    while (this.isAlive && performance.now() < deadline && !(await hasEnded(Math.abs(this.#pid)))) await delay(POLL_MS)
  }

  async #watch(): Promise<void> {
    await this.whenExited
    while (this.isAlive) await delay(WATCH_MS, undefined, { ref: false })
  }

  /** Returns whether anything was there to take the signal. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    // Its number may be another's by now.
    if (this.#isGone) return false
    try {
      return process.kill(this.#pid, signal)
    } catch (error) {
      // Of another user.
      if ((error as NodeJS.ErrnoException).code === 'EPERM') return true
      this.#forget()
      return false
    }
  }

  #forget(): void {
    this.#isGone = true
    this.#dismissGuard()
  }
}

/** Ends the group if there is no line, which is so when this process has died. */
const guardScript = `read -r line || { kill -s TERM -- "$0"; sleep ${GRACE_MS / 1000}; kill -s KILL -- "$0"; }`

/**
 * Starts a process that ends a group when this process dies, however it does: no code of ours runs after SIGKILL. Where there is
 * no shell, nothing does.
 *
 * @returns a function that ends the guard
 */
function guard(group: number): () => void {
  const child = spawn('/bin/sh', ['-c', guardScript, String(group)], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  child.on('error', () => {}).unref()
  // Not there if there are too many open files.
  const input = child.stdin as Socket | undefined
  input?.on('error', () => {}).unref()
  return () => input?.end('\n')
}

/**
 * Returns whether all processes of a group that still exists are zombies: ended, and not waited for by their parent. As the
 * first process of a container, Node.js is the parent of all orphans and waits for none.
 *
 * @returns false where the system has no `/proc`
 */
async function hasEnded(group: number): Promise<boolean> {
  const names = await readdir('/proc').catch(() => [])
  for (const name of names) if (/^\d+$/.test(name) && (await runsIn(group, name))) return false
  return names.length > 0
}

async function runsIn(group: number, pid: string): Promise<boolean> {
  // The fields after the name, which may contain anything: state, parent, group (proc(5)).
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const [state = '', , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(itsGroup) === group && state !== 'Z' && state !== 'X'
}
