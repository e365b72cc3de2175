import { createHash } from 'node:crypto'
import {
  ConfigError,
  type ConfigurationIssue,
  type ConfigurationSink,
  type InstanceStatus,
  type Verdict,
} from '../../../index.ts'
import { within } from '../../../kit.ts'
import { Alarm } from './alarm.ts'
import { answerWithin } from './answer-within.ts'
import { createInstanceId, printReport } from './instance-report.ts'
import type { Store, Stored, StoreSession } from './store.ts'
import { documentError, isDocumentError, parseDocument, readText } from './store-document.ts'

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
  readonly #sink: ConfigurationSink
  readonly #signal: AbortSignal
  readonly #alarm: Alarm = new Alarm()
  readonly #id: string = createInstanceId()
  #session: StoreSession | undefined
  #pause = FIRST_PAUSE_MS
  #nextRead = 0
  #nextReport = 0
  /** What was read and published last: older ones are ignored, the same one isn't published again. */
  #last: { readonly revision: number | undefined; readonly hash: string } | undefined
  #verdict: Promise<unknown> = Promise.resolve()
  /** What keeps the newest document from being served, told once. */
  #trouble: Error | undefined
  readonly #toldOfReports: Set<string> = new Set()
  #served: Pick<InstanceStatus, 'revision' | 'version' | 'issues'> = { revision: undefined, version: 0, issues: [] }
  /** Each waits for a read. */
  readonly #reloads: (() => void)[] = []

  constructor(store: Store, times: Times, sink: ConfigurationSink, signal: AbortSignal) {
    this.#store = store
    this.#times = times
    this.#sink = sink
    this.#signal = signal
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
    await this.#verdict
  }

  /** Resolves after the abort of the signal. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#connectAndFollow()
      this.#endReloads()
      await this.#alarm.wait(this.#pause * (0.75 + Math.random() / 2), this.#signal)
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
    }
    this.#endReloads()
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
      // There was nothing to read: what comes next may have been counted anew.
      if (isDocumentError(error)) this.#last = undefined
      if (!this.#signal.aborted) this.#tell(this.#describe(error as Error))
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
        if (this.#trouble === undefined) this.#sink.alive()
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
    if (reloads.length > 0) this.#last = undefined
    try {
      const stored = await answerWithin(ANSWER_MS, session.read(), ended)
      this.#take(stored)
    } catch (error) {
      if (!isDocumentError(error)) throw error
      this.#tell(this.#describe(error))
    } finally {
      for (const resolve of reloads) resolve()
    }
    this.#pause = FIRST_PAUSE_MS
  }

  /** Publishes what was read, unless it is what was published last. @throws ConfigError for what can't be published */
  #take(stored: Stored | undefined): void {
    if (stored === undefined) {
      this.#last = undefined
      throw documentError(`there is no document yet: ${this.#store.advice}`)
    }
    const { revision } = stored
    const known = this.#last?.revision
    if (revision !== undefined && known !== undefined && revision < known)
      throw documentError(
        `revision ${revision} is older than revision ${known}, which was published before, and is ignored: write a newer one, or reload the provider to take it`,
      )
    const text = readText(stored.document)
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 16)
    if (this.#last?.hash === hash && known === revision) return this.#recover()
    const document = parseDocument(text)
    this.#last = { revision, hash }
    this.#recover()
    this.#publish(document, revision ?? hash)
  }

  /** Doesn't wait for the verdict: a newer document may take the place of this one. */
  #publish(document: object, revision: string | number): void {
    this.#verdict = this.#sink.publish(document, revision).then((verdict) => this.#note(verdict, revision))
  }

  #note(verdict: Verdict, revision: string | number): void {
    if (verdict.applied) this.#served = { revision, version: verdict.version, issues: [] }
    else if ('issues' in verdict) this.#served = { ...this.#served, issues: verdict.issues }
    else return
    this.#reportSoon()
  }

  #reportSoon(): void {
    this.#nextReport = 0
    this.#alarm.ring()
  }

  async #report(session: StoreSession, ended: AbortSignal): Promise<void> {
    const status = { id: this.#id, ...this.#served, reportedAt: Date.now(), issues: this.#issues() }
    try {
      await answerWithin(REPORT_ANSWER_MS, session.report(this.#id, printReport(status)), ended)
    } catch (error) {
      // Where it is the store that doesn't answer, that is what is told.
      await answerWithin(this.#times.heartbeat, session.ping(), ended)
      this.#tellOfReports(error as Error)
    }
  }

  #issues(): readonly ConfigurationIssue[] {
    const { issues } = this.#served
    return this.#trouble === undefined ? issues : [{ path: '', message: this.#trouble.message }, ...issues]
  }

  #describe(error: Error): ConfigError {
    const { place } = this.#store
    if (isDocumentError(error)) return documentError(`${place}: ${error.message}; what was served goes on`, error.cause)
    return new ConfigError(`${place} can't be reached, what was served goes on: ${messageOf(error)}`, {
      failure: 'ERR_TRIBIND_STORE_UNREACHABLE',
      cause: error,
    })
  }

  #tell(error: Error): void {
    if (this.#trouble?.message === error.message) return
    this.#trouble = error
    if (isDocumentError(error)) this.#reportSoon()
    this.#sink.failed(error)
  }

  #recover(): void {
    if (this.#trouble !== undefined) this.#reportSoon()
    this.#trouble = undefined
    this.#sink.alive()
  }

  /** What is served is none the worse for it. */
  #tellOfReports(cause: Error): void {
    if (this.#toldOfReports.has(cause.message)) return
    this.#toldOfReports.add(cause.message)
    this.#sink.failed(
      new ConfigError(
        `${this.#store.place}: what this process serves can't be written there, for "instances": ${cause.message}`,
        { failure: 'ERR_TRIBIND_STORE_REPORT', cause },
      ),
    )
    if (this.#trouble === undefined) this.#sink.alive()
  }

  #endReloads(): void {
    for (const resolve of this.#reloads.splice(0)) resolve()
  }
}

/** Node.js reports several addresses that refuse as an error without a message. */
function messageOf(error: Error): string {
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
}
