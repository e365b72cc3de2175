import cluster, { type Worker } from 'node:cluster'
import { GRACE_MS } from '../children/child-message.ts'
import { type Ended, whenEnded } from '../children/ended.ts'
import { Guard } from '../children/guard.ts'
import { type Answers, Channel } from './channel.ts'

/** What a worker tells of itself. */
export interface Told {
  /** Whether it serves, or has nothing to serve. */
  isReady: boolean
  /** The servers that take part in changes, by their names. */
  readonly members: Set<string>
  /** The longest of its servers, in milliseconds. */
  stopTimeout: number
  /** Why it couldn't start. */
  reason: string | undefined
}

/** The environment of a worker, by which it knows what it is. */
export const variables = { worker: 'TRIBIND_WORKER', workers: 'TRIBIND_WORKERS' } as const

/** A process that runs the application. */
export class WorkerProcess {
  readonly place: number
  /** By the clock of `performance`. */
  readonly startedAt: number = performance.now()
  readonly channel: Channel
  readonly told: Told = { isReady: false, members: new Set(), stopTimeout: 10_000, reason: undefined }
  /** Resolves when it has ended. */
  readonly whenGone: Promise<Ended>
  /** Whether it is on its way out, because it was told so. */
  isLeaving = false
  isGone = false
  readonly #worker: Worker
  #tellReady!: (isReady: boolean) => void
  readonly #ready = new Promise<boolean>((resolve) => (this.#tellReady = resolve))

  /** @param place its number among the workers, from 1 */
  constructor(place: number, workers: number, answersFor: (worker: WorkerProcess) => Answers) {
    this.place = place
    this.#worker = cluster.fork({ [variables.worker]: String(place), [variables.workers]: String(workers) })
    this.channel = new Channel((message) => this.#send(message), { ...answersFor(this), ready: () => this.#onReady() })
    this.#worker.on('message', (message: unknown) => this.channel.receive(message))
    // A worker ends by itself at once when this process has died, unless its loop hangs.
    const guard = new Guard(this.#worker.process.pid, GRACE_MS)
    // Of the channel, once the process is gone.
    this.#worker.on('error', () => {})
    this.whenGone = whenEnded(this.#worker.process).then((ended) => {
      this.isGone = true
      guard.dismiss()
      this.channel.close()
      this.#tellReady(false)
      return ended
    })
  }

  /** Counts the processes that were started. */
  get id(): number {
    return this.#worker.id
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0
  }

  /** How messages name it. */
  get name(): string {
    return `worker ${this.place} (process ${this.pid})`
  }

  /** Resolves to true when it serves, to false if it ends before. */
  get whenReady(): Promise<boolean> {
    return this.#ready
  }

  /** Lets it end as a server stops. Resolves to false if it had to be ended after its time. */
  async leave(graceMs: number, isReplaced = false): Promise<boolean> {
    this.isLeaving = true
    this.channel.call('stop', { isReplaced }).catch(() => {})
    const timer = setTimeout(() => this.kill('SIGKILL'), this.told.stopTimeout + graceMs)
    const { signal } = await this.whenGone
    clearTimeout(timer)
    return signal !== 'SIGKILL'
  }

  kill(signal: NodeJS.Signals): void {
    this.isLeaving = true
    this.#worker.process.kill(signal)
  }

  #onReady(): void {
    this.told.isReady = true
    this.#tellReady(true)
  }

  #send(message: object): boolean {
    if (!this.#worker.isConnected()) return false
    this.#worker.send(message, (error) => {
      if (error !== null) this.channel.close()
    })
    return true
  }
}
