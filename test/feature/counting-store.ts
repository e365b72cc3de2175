import { MemorySessionStore, type SessionStore, type StoredSession } from 'tribind'

type Found = (error?: unknown, session?: StoredSession | null) => void
type Done = (error?: unknown) => void

/** Counts what is asked of it, fails on demand, and waits before a call where it is told to. */
export class CountingStore implements SessionStore {
  readonly #behind = new MemorySessionStore()
  reads = 0
  writes = 0
  touches = 0
  destroyed: string[] = []
  failing: 'get' | 'set' | 'destroy' | 'touch' | undefined
  before: (call: string) => Promise<void> | void = () => {}

  get count(): number {
    return this.#behind.count
  }

  get counts(): [reads: number, writes: number, touches: number] {
    const counts: [number, number, number] = [this.reads, this.writes, this.touches]
    this.reads = this.writes = this.touches = 0
    return counts
  }

  get(id: string, done: Found): void {
    this.reads++
    void this.#pass('get', done, () => this.#behind.get(id, done))
  }

  set(id: string, session: StoredSession, done: Done): void {
    this.writes++
    const copy = JSON.parse(JSON.stringify(session)) as StoredSession
    void this.#pass('set', done, () => this.#behind.set(id, copy, done))
  }

  touch(id: string, session: StoredSession, done: Done): void {
    this.touches++
    void this.#pass('touch', done, () => this.#behind.touch(id, session, done))
  }

  destroy(id: string, done: Done): void {
    this.destroyed.push(id)
    void this.#pass('destroy', done, () => this.#behind.destroy(id, done))
  }

  async #pass(call: string, done: Done, go: () => void): Promise<void> {
    await this.before(call)
    if (this.failing === call) done(new Error('secret: the store is down'))
    else go()
  }
}
