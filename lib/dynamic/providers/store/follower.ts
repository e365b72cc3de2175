import { ConfigError, type ConfigurationSink } from '../../../index.ts'
import { within } from '../../../kit.ts'
import { answerWithin } from './answer-within.ts'
import { createInstanceId, printReport } from './instance-report.ts'
import { Publication } from './publication.ts'
import type { Store, StoreSession } from './store.ts'
import { isDocumentError } from './store-document.ts'

/** What a follower does when, in milliseconds. */
export interface Times {
  /** How often the store is asked whether it still answers, and how long it has for that. */
  readonly heartbeat: number
  /** How often the document is read, also where no change was told. */
  readonly period: number
}

const REPORT_MS = 30_000
/** For what takes longer than a ping, such as a connection or a document. */
const ANSWER_MS = 10_000
const REPORT_ANSWER_MS = 3000
/** For what is done at the end. */
const FAREWELL_MS = 1000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5000

/**
 * Publishes the document of a store, and what it becomes: subscribes first and then reads, and reads again when a change is told, after
 * each reconnection, and every `period`.
 */
export class Follower {
  readonly #store: Store
  readonly #times: Times
  readonly #signal: AbortSignal
  readonly #alarm: Alarm = new Alarm()
  readonly #publication: Publication
  readonly #id: string = createInstanceId()
  #session: StoreSession | undefined
  #pause = FIRST_PAUSE_MS
  #nextRead = 0
  #nextReport = 0
  #isReportTold = false
  /** Each waits for a read. */
  readonly #reloads: (() => void)[] = []

  constructor(store: Store, times: Times, sink: ConfigurationSink, signal: AbortSignal) {
    this.#store = store
    this.#times = times
    this.#signal = signal
    this.#publication = new Publication(store, sink, () => {
      this.#nextReport = 0
      this.#alarm.ring()
    })
  }

  /** The session in use; `undefined` while there is no connection. */
  get session(): StoreSession | undefined {
    return this.#session
  }

  /** Reads at once, and takes an older revision too. Resolves when what was read is published, or could not be read. */
  async reload(): Promise<void> {
    if (this.#signal.aborted) return
    const isRead = new Promise<void>((resolve) => this.#reloads.push(resolve))
    this.#readSoon()
    await isRead
    await this.#publication.settled()
  }

  /** Resolves after the abort of the signal. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#connectAndFollow()
      for (const resolve of this.#reloads.splice(0)) resolve()
      await this.#alarm.wait(this.#pause * (0.75 + Math.random() / 2), this.#signal)
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
    }
    for (const resolve of this.#reloads.splice(0)) resolve()
  }

  /** Until the connection is lost, or the signal aborted. */
  async #connectAndFollow(): Promise<void> {
    const ending = new AbortController()
    const end = () => ending.abort(this.#signal.reason)
    const session = this.#store.createSession((error) => ending.abort(error))
    this.#signal.addEventListener('abort', end, { once: true })
    try {
      await this.#follow(session, ending.signal)
    } catch (error) {
      if (!this.#signal.aborted) this.#publication.tell(error as Error)
    } finally {
      this.#signal.removeEventListener('abort', end)
      await within(FAREWELL_MS, this.#end(session))
    }
  }

  async #follow(session: StoreSession, ended: AbortSignal): Promise<void> {
    const { heartbeat, period } = this.#times
    await answerWithin(ANSWER_MS, session.connect(), ended)
    await answerWithin(
      ANSWER_MS,
      session.subscribe(() => this.#readSoon()),
      ended,
    )
    this.#session = session
    this.#nextRead = 0
    while (!ended.aborted) {
      if (performance.now() >= this.#nextRead) {
        this.#nextRead = performance.now() + period
        await this.#read(session, ended)
      } else {
        await answerWithin(heartbeat, session.ping(), ended)
        this.#publication.alive()
      }
      if (performance.now() >= this.#nextReport) {
        this.#nextReport = performance.now() + REPORT_MS
        await this.#report(session, ended)
      }
      const next = Math.min(this.#nextRead, this.#nextReport) - performance.now()
      await this.#alarm.wait(Math.max(0, Math.min(heartbeat, next)), ended)
    }
    ended.throwIfAborted()
  }

  /** A process that ends in order isn't listed until its report vanishes. */
  async #end(session: StoreSession): Promise<void> {
    try {
      if (this.#signal.aborted && this.#session === session) await within(FAREWELL_MS / 2, session.retract(this.#id))
    } catch {
      // It vanishes by itself.
    }
    this.#session = undefined
    await session.close()
  }

  #readSoon(): void {
    this.#nextRead = 0
    this.#alarm.ring()
  }

  async #read(session: StoreSession, ended: AbortSignal): Promise<void> {
    const reloads = this.#reloads.splice(0)
    if (reloads.length > 0) this.#publication.forget()
    try {
      this.#publication.take(await answerWithin(ANSWER_MS, session.read(), ended))
    } catch (error) {
      if (!isDocumentError(error)) throw error
      this.#publication.tell(error)
    } finally {
      for (const resolve of reloads) resolve()
    }
    this.#pause = FIRST_PAUSE_MS
  }

  async #report(session: StoreSession, ended: AbortSignal): Promise<void> {
    const text = printReport({ id: this.#id, ...this.#publication.status, reportedAt: Date.now() })
    try {
      await answerWithin(REPORT_ANSWER_MS, session.report(this.#id, text), ended)
      this.#isReportTold = false
    } catch (error) {
      // Where it is the store that doesn't answer, that is what is told.
      await answerWithin(this.#times.heartbeat, session.ping(), ended)
      if (!this.#isReportTold) this.#publication.remark(reportError(this.#store, error as Error))
      this.#isReportTold = true
    }
  }
}

function reportError({ place }: Store, cause: Error): ConfigError {
  return new ConfigError(`${place}: what this process serves can't be written there for others: ${cause.message}`, {
    failure: 'ERR_TRIBIND_STORE_REPORT',
    cause,
  })
}

/** Wakes the one that waits for it. One that rings before is heard at the next wait. */
class Alarm {
  #isRung = false
  #wake: (() => void) | undefined

  ring(): void {
    this.#isRung = true
    this.#wake?.()
  }

  /** Resolves when the alarm rings, when the time is over, and when the signal is aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted) await this.#sleep(ms, signal)
    this.#isRung = false
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake, { once: true })
      this.#wake = wake
    })
  }
}
