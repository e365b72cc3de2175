import { performance } from 'node:perf_hooks'
import type { ConfigurationSink } from '../../../index.ts'
import { pause } from '../pause.ts'
import { hashOf, type Part, type Parts, readPart } from './part.ts'
import { createSourceError, PartsPublisher } from './parts-publisher.ts'
import { PlaceWatcher } from './place-watcher.ts'
import { placesOf } from './places-of.ts'
import { readFolder } from './read-folder.ts'

/** How often it is read without an event. */
const POLL_MS = 5000
/** How often it is read until it stays as it is. */
const STEP_MS = 25
/** For how long it stays as it is before it is published. */
const SETTLE_MS = 50
/** The same for what looks half done: a file is broken or gone. */
const PATIENCE_MS = 1000
/** After which time what never stays as it is is published all the same. */
const LONGEST_MS = 2000

/** What was read, and what tells it from what was read before. */
interface View {
  readonly parts: Parts
  readonly hash: string
  /** Why there are no parts. */
  readonly problem: string | undefined
}

/** Reads a file or a folder for one server, again whenever it changes. */
export class FileFollower {
  readonly #path: string
  readonly #signal: AbortSignal
  readonly #publisher: PartsPublisher
  readonly #bell = new Bell()
  readonly #watcher: PlaceWatcher
  #told: View | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(path: string, sink: ConfigurationSink, signal: AbortSignal) {
    this.#path = path
    this.#signal = signal
    this.#publisher = new PartsPublisher(sink)
    this.#watcher = new PlaceWatcher(() => this.#bell.ring(), warnOnce())
  }

  /** Follows until the signal is aborted. */
  async run(): Promise<void> {
    try {
      while (!this.#signal.aborted) {
        await this.#watcher.follow(await placesOf(this.#path))
        await this.look()
        await this.#bell.heard(POLL_MS, this.#signal)
        // The events of one change come one after another.
        await pause(STEP_MS, this.#signal)
      }
    } finally {
      this.#watcher.close()
    }
  }

  /** Reads, and publishes what has changed. Resolves when it is known what is to be published. */
  look(prepare?: () => void): Promise<void> {
    const looking = this.#looking.then(prepare).then(() => this.#look())
    this.#looking = looking.catch(() => {})
    return looking
  }

  /** Reads and publishes, also what is published already. Resolves when it is applied or refused. */
  async reload(): Promise<void> {
    await this.look(() => (this.#told = undefined))
    await this.#publisher.settled
  }

  async #look(): Promise<void> {
    const view = await this.#settled()
    if (this.#signal.aborted) return
    const isNews = view.hash !== this.#told?.hash
    this.#told = view
    if (!isNews) {
      if (view.problem === undefined) this.#publisher.confirm()
    } else if (view.problem === undefined) this.#publisher.tell(view.parts, view.hash)
    else this.#publisher.miss(createSourceError(this.#path, view.problem))
  }

  /** Reads until nothing changes any more. */
  async #settled(): Promise<View> {
    const begin = performance.now()
    let view = await this.#read(this.#told?.parts)
    // At first, and for a reload, what there is goes on at once.
    if (this.#told === undefined || view.hash === this.#told.hash) return view
    let since = begin
    let now = begin
    while (!this.#signal.aborted && now - since < (this.#isWhole(view) ? SETTLE_MS : PATIENCE_MS)) {
      if (now - begin > LONGEST_MS) break
      await pause(STEP_MS, this.#signal)
      const next = await this.#read(view.parts)
      now = performance.now()
      if (next.hash !== view.hash) since = now
      view = next
    }
    return view
  }

  /** Whether nothing has gone or broken that wasn't before. */
  #isWhole({ parts, problem }: View): boolean {
    const told = this.#told
    if (problem !== undefined && problem !== told?.problem) return false
    const isBroken = ({ source, root, hash }: Part) => root === undefined && told?.parts.get(source)?.hash !== hash
    return ![...parts.values()].some(isBroken) && [...(told?.parts.keys() ?? [])].every((source) => parts.has(source))
  }

  /** @param known what need not be parsed again where it is still the same */
  async #read(known: Parts | undefined): Promise<View> {
    const { files, problem } = await readFolder(this.#path)
    const parts = new Map<string, Part>()
    for (const [source, text] of files) {
      const before = known?.get(source)
      parts.set(source, before?.hash === hashOf(text) ? before : readPart(source, text))
    }
    return {
      parts,
      problem,
      hash: hashOf(JSON.stringify([problem, [...parts].map(([name, { hash }]) => [name, hash])])),
    }
  }
}

function warnOnce(): (place: string, error: Error) => void {
  let isTold = false
  return (place, { message }) => {
    if (!isTold)
      process.emitWarning(
        `${place} can't be watched (${message}): what changes there is seen ${POLL_MS / 1000} s later`,
      )
    isTold = true
  }
}

/** Wakes what waits for it, or what will. */
class Bell {
  #stopWaiting: AbortController | undefined
  #wasRung = false

  ring(): void {
    this.#wasRung = true
    this.#stopWaiting?.abort()
  }

  /** Waits until it has rung since the last call, or so many milliseconds have passed, or the signal is aborted. */
  async heard(ms: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController()
    const stop = () => waiting.abort()
    this.#stopWaiting = waiting
    signal.addEventListener('abort', stop)
    if (this.#wasRung || signal.aborted) stop()
    await pause(ms, waiting.signal)
    signal.removeEventListener('abort', stop)
    this.#wasRung = false
  }
}
