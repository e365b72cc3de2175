import cluster from 'node:cluster'
import { createLogger, type Logger } from '../../index.ts'
import { GRACE_MS } from '../children/child-message.ts'
import { allowStop } from '../children/end-with-parent.ts'
import type { Ended } from '../children/ended.ts'
import { nextDelay } from '../children/next-delay.ts'
import type { Answers } from './channel.ts'
import { type Change, Changes } from './changes.ts'
import { WorkerProcess } from './worker-process.ts'

/** The processes that run an application: they are started, replaced one by one, and stopped. */
export class WorkerGroup {
  readonly #count: number
  readonly #logger: Logger
  /** By place: the one that serves, or that starts. */
  readonly #current = new Map<number, WorkerProcess>()
  /** All that haven't ended. */
  readonly #all = new Set<WorkerProcess>()
  readonly #delays = new Map<number, number>()
  readonly #warnings = new Set<string>()
  readonly #restarts = new Set<NodeJS.Timeout>()
  readonly #changes = new Changes((server) => this.#serving.filter(({ told }) => told.members.has(server)))
  #leader: WorkerProcess | undefined
  #replacing: Promise<void> | undefined
  /** The one that starts in the place of another. */
  #successor: WorkerProcess | undefined
  #isReplacingAgain = false
  #stopping: Promise<boolean> | undefined
  #tellStopped!: (isInTime: boolean) => void
  /** Resolves when `stop` has, to the same. */
  readonly whenStopped: Promise<boolean> = new Promise((resolve) => (this.#tellStopped = resolve))

  constructor(count: number, logger: Logger = createLogger()) {
    this.#count = count
    this.#logger = logger
  }

  /**
   * Starts all: the first alone, so that what is wrong with the application is told once.
   *
   * @returns why the first could not be started; `undefined` if it could
   */
  async start(): Promise<string | undefined> {
    const first = this.#launch(1)
    if (!(await first.whenReady)) {
      if (this.#stopping !== undefined) return undefined
      void this.stop()
      return describeFailure(first, await first.whenGone)
    }
    if (this.#stopping === undefined) for (let place = 2; place <= this.#count; place++) this.#launch(place)
    return undefined
  }

  /** Replaces all, one after another: each new one serves before the old one is told to stop. While it runs, it begins anew. */
  replace(): void {
    if (this.#stopping !== undefined) return
    if (this.#replacing === undefined) {
      this.#replacing = this.#replaceAll().finally(() => (this.#replacing = undefined))
      return
    }
    // What starts now may be what the next attempt is to mend.
    this.#isReplacingAgain = true
    this.#successor?.kill('SIGKILL')
  }

  /** Stops all. Resolves to whether each ended by itself, within its time. */
  stop(): Promise<boolean> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Ends all at once. */
  kill(): void {
    for (const worker of this.#all) worker.kill('SIGKILL')
  }

  get #serving(): readonly WorkerProcess[] {
    return [...this.#all].filter((worker) => !worker.isLeaving && !worker.isGone)
  }

  async #stop(): Promise<boolean> {
    for (const timer of this.#restarts) clearTimeout(timer)
    this.#logger.info('Stopping', { workers: this.#all.size })
    const left = await Promise.all(
      [...this.#all].map((worker) => {
        if (!worker.told.isReady) worker.kill('SIGTERM')
        return worker.leave(GRACE_MS)
      }),
    )
    this.#logger.info('Stopped')
    this.#tellStopped(left.every(Boolean))
    return this.whenStopped
  }

  #launch(place: number): WorkerProcess {
    const worker = this.#create(place)
    this.#current.set(place, worker)
    void this.#watch(worker)
    return worker
  }

  #create(place: number): WorkerProcess {
    const worker = new WorkerProcess(place, this.#count, (one) => this.#answersFor(one))
    this.#all.add(worker)
    void worker.whenGone.then(() => {
      this.#all.delete(worker)
      this.#chooseLeader()
    })
    void worker.whenReady.then((isReady) => {
      if (isReady) this.#logger.info(`Worker ${place} serves`, { worker: place, pid: worker.pid })
    })
    return worker
  }

  /** Starts another one when a worker has ended that wasn't told to. */
  async #watch(worker: WorkerProcess): Promise<void> {
    const { place } = worker
    const ended = await worker.whenGone
    if (this.#stopping !== undefined || this.#current.get(place) !== worker) return
    const delay = nextDelay(this.#delays.get(place) ?? 0, performance.now() - worker.startedAt)
    this.#delays.set(place, delay)
    // Before all were started, the first one's end is told by `start`.
    if (!worker.told.isReady && this.#current.size === 1 && place === 1 && worker.id === 1) return
    this.#logger.error(`${describeFailure(worker, ended)}: another one starts in ${delay / 1000} s`, { worker: place })
    const timer = setTimeout(() => {
      this.#restarts.delete(timer)
      this.#launch(place)
    }, delay)
    this.#restarts.add(timer)
  }

  async #replaceAll(): Promise<void> {
    do {
      this.#isReplacingAgain = false
      this.#logger.info('Replacing the workers')
      for (let place = 1; place <= this.#count; place++) {
        if (this.#stopping !== undefined) return
        const isReplaced = await this.#replaceOne(place)
        if (!isReplaced) break
      }
    } while (this.#isReplacingAgain)
  }

  /** Returns false where the new one can't start: the old ones go on. */
  async #replaceOne(place: number): Promise<boolean> {
    const before = this.#current.get(place)
    const successor = this.#create(place)
    this.#successor = successor
    const isReady = await successor.whenReady
    this.#successor = undefined
    if (!isReady) {
      const ended = await successor.whenGone
      if (this.#stopping === undefined && !this.#isReplacingAgain)
        this.#logger.error(
          `${describeFailure(successor, ended)}: the workers are not replaced, those that serve go on`,
          { worker: place },
        )
      return false
    }
    this.#current.set(place, successor)
    this.#delays.delete(place)
    void this.#watch(successor)
    if (this.#stopping === undefined && before !== undefined && !before.isGone) {
      before.isLeaving = true
      this.#chooseLeader()
      const isInTime = await before.leave(GRACE_MS, true)
      if (!isInTime) this.#logger.warn(`Worker ${place} had to be ended by force`, { worker: place, pid: before.pid })
    }
    return true
  }

  /** The one that has served longest. */
  #chooseLeader(): void {
    const isCandidate = ({ isLeaving, isGone }: WorkerProcess) => !isLeaving && !isGone
    if (this.#leader !== undefined && isCandidate(this.#leader)) return
    const before = this.#leader
    this.#leader = [...this.#all].find(isCandidate)
    void (async () => {
      await before?.channel.call('lead', { leads: false }).catch(() => {})
      await this.#leader?.channel.call('lead', { leads: true }).catch(() => {})
    })()
  }

  /** What a worker may ask of this process. */
  #answersFor(worker: WorkerProcess): Answers {
    const { told } = worker
    let tellJoined = () => {}
    return {
      begin: ({ stopTimeout }: { stopTimeout: number }) => {
        told.stopTimeout = Math.max(told.stopTimeout, stopTimeout)
        allowStop(Math.max(...Array.from(this.#all, (one) => one.told.stopTimeout)))
        this.#chooseLeader()
        return { leads: this.#leader === worker, secret: this.#changes.secret }
      },
      join: ({ server }: { server: string }) =>
        this.#changes.join(worker, server, new Promise((resolve) => (tellJoined = resolve))),
      joined: ({ server }: { server: string }) => {
        told.members.add(server)
        tellJoined()
      },
      agree: ({ server, version }: { server: string; version: number }) => {
        const isFirst = this.#serving.every((one) => one === worker || !one.told.members.has(server))
        return this.#changes.agree(server, version, isFirst)
      },
      failed: ({ reason }: { reason: string }) => void (told.reason = reason),
      change: (change: Change) => this.#changes.change(worker, change),
      ask: ({ of, ...question }: { of: 'all' | 'leader'; server: string }) => this.#ask(of, question),
      findPort: ({ host, place }: { host?: string; place?: string }) => this.#changes.findPort(host, place),
      warn: ({ message }: { message: string }) => this.#warn(message),
      claims: ({ path }: { path: string }) => this.#changes.claims(path),
    }
  }

  #warn(message: string): void {
    if (this.#count > 1 && !this.#warnings.has(message)) this.#logger.warn(message, { workers: this.#count })
    this.#warnings.add(message)
  }

  async #ask(of: 'all' | 'leader', question: { readonly server: string }): Promise<unknown[]> {
    const leader = this.#leader === undefined ? [] : [this.#leader]
    const all = of === 'all' ? [...new Set([...leader, ...this.#serving])] : leader
    const asked = all.filter(({ told }) => told.members.has(question.server))
    const answers = await Promise.allSettled(asked.map((one) => one.channel.call('question', question)))
    if (of === 'all') return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    return answers.map((answer) => {
      if (answer.status === 'rejected') throw answer.reason
      return answer.value
    })
  }
}

function describeFailure(worker: WorkerProcess, { how }: Ended): string {
  const when = worker.told.isReady ? '' : ' before it served'
  const { reason } = worker.told
  const { name } = worker
  return `${name[0]?.toUpperCase()}${name.slice(1)} ${how}${when}${reason === undefined ? '' : `: ${reason}`}`
}

/** Starts the entry of this process again for each worker. */
export function prepareCluster(args: readonly string[]): void {
  cluster.setupPrimary({ exec: process.argv[1], args: [...args], serialization: 'advanced' })
  // Each worker accepts for itself. Handed round by this process, a connection would be lost with a worker that is ended meanwhile.
  if (process.platform !== 'win32') cluster.schedulingPolicy = cluster.SCHED_NONE
}
