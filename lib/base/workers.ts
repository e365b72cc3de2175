import { ConfigError } from './errors.ts'
import { isPlain } from './is-plain.ts'

/** Which of several processes that run the same application this one is. */
export interface WorkerScope {
  /** From 1. A worker that replaces another one has its number. */
  readonly worker: number
  /** How many there are. */
  readonly workers: number
}

/**
 * Resolves when a change is to take effect, in all workers in the same moment, to the version that it makes. Rejects if it is refused in one
 * of them: then none is to change.
 */
export type Gate = () => Promise<number>

/** Carries a change out in this process: all of it that can fail before `gate`, the rest after it. */
export type CarryOut = (data: unknown, gate: Gate) => Promise<unknown>

/** A server among those of the same name in all workers. */
export interface Member {
  readonly scope: WorkerScope
  /** Whether what must run once among all workers runs in this one. */
  readonly isLeader: boolean
  /** Whether what is changed here is changed in all workers: from the end of its start on. */
  readonly isJoined: boolean
  /** Calls a function when this worker becomes the leader. */
  onLead(call: () => void): void
  /** Tells that the server starts. */
  begin(): void
  /** Carries out here what was changed in the other workers before. The next change waits for `joined`. */
  join(): Promise<void>
  joined(): void
  /** Tells that the server serves, and that nothing is changed any more in this worker alone. */
  ready(): Promise<void>
  /** Sets how the changes of a topic are carried out, also those of other workers. */
  carryOut(topic: string, carryOut: CarryOut): void
  /**
   * Carries a change out in all workers, or in none. Changes come one after another.
   *
   * @param key what workers that start later are told: the last change of each key
   * @returns what `carryOut` returned in this worker, then the numbers that it returned in the others
   * @throws what `carryOut` throws, in whichever worker
   */
  change(topic: string, key: string, data: unknown): Promise<readonly unknown[]>
  /** Sets what the questions of a topic are answered with. */
  answer(topic: string, answer: (data: unknown) => unknown): void
  /** Asks all workers, this one included, or the leader alone. Those that end meanwhile aren't among the answers. */
  ask(topic: string, data: unknown, of?: 'all' | 'leader'): Promise<readonly unknown[]>
  /** Returns a free port, for all workers the same one. @param place what it is for; `undefined` for another one at each call */
  findPort(host: string | undefined, place?: string): Promise<number>
  /** Returns a key that all workers have, and nothing else. */
  readonly secret: Buffer
}

/** What a member is made with. */
export interface MemberServer {
  readonly name: string
  /** In milliseconds. */
  readonly stopTimeout: number
  /** What `Member.ready` sets to that of the others. */
  version: number
  stop(): Promise<void>
}

/** The other processes that run the same application. */
export interface Workers {
  readonly scope: WorkerScope
  /** Whether another worker takes over from this one, so that its clients are to notice as little as possible. */
  readonly isReplaced: boolean
  /** Whether this worker is the one that may remove what a process that is gone left at the path of a Unix socket. */
  claims(path: string): Promise<boolean>
  /** Warns, once for all workers, of what is kept in each of them alone. */
  warn(message: string): void
  enter(server: MemberServer): Member
}

/**
 * Checks that other processes can be sent a value: plain objects and arrays of texts, numbers, truth values and bytes.
 *
 * @param call as messages begin
 * @throws ConfigError naming the path of what can't be sent
 */
export function checkSendable(call: string, value: unknown): void {
  const found = findUnsendable(value, [])
  if (found === undefined) return
  const where = found.path.length === 0 ? 'it' : `"${found.path.join('.')}"`
  throw new ConfigError(
    `${call}: ${where} is ${found.what}, which can't reach the other workers of the application: use plain data, or do it before the server is ready, in each worker`,
    { failure: 'ERR_TRIBIND_WORKERS_DATA' },
  )
}

interface Unsendable {
  readonly path: readonly string[]
  readonly what: string
}

function findUnsendable(value: unknown, path: readonly string[]): Unsendable | undefined {
  if (typeof value === 'function') return { path, what: `the function ${value.name || '(anonymous)'}` }
  if (typeof value === 'symbol') return { path, what: 'a symbol' }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined
  if (!Array.isArray(value) && !isPlain(value)) return { path, what: `an object of ${value.constructor.name}` }
  for (const [name, member] of Object.entries(value)) {
    const found = findUnsendable(member, [...path, name])
    if (found !== undefined) return found
  }
  return undefined
}

let current: Workers | undefined

/** Returns what this process has to do with others that run the same application; `undefined` where it runs alone. */
export function workersOfProcess(): Workers | undefined {
  return current
}

/** Makes this process one of several. To be called before its application is loaded. */
export function becomeWorker(workers: Workers): void {
  current = workers
}
