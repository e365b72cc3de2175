import { createServer } from 'node:net'
import { randomBytes } from 'node:crypto'
import { within } from '../../kit.ts'
import { InTurn } from '../../admin/in-turn.ts'
import { Gone } from './channel.ts'
import type { WorkerProcess } from './worker-process.ts'

/** A change as the workers carry it out. */
export interface Change {
  /** The name of the server that changes. */
  readonly server: string
  readonly topic: string
  /** The last change of each key is what workers that start later are told. */
  readonly key: string
  readonly data: unknown
}

/** A change that is carried out, with the version that it made. */
export interface Carried extends Change {
  readonly version: number
}

/** How long the workers may take to prepare a change, and one that starts to listen. */
const PREPARE_MS = 60_000

/** Carries changes out in all workers or in none, one after another, and tells workers that start what is current. */
export class Changes {
  readonly secret: Buffer = randomBytes(32)
  readonly #members: (server: string) => readonly WorkerProcess[]
  /** Of each server: one higher for each change that switches. */
  readonly #versions = new Map<string, number>()
  readonly #current = new Map<string, Carried>()
  readonly #ports = new Map<string, number>()
  readonly #claimed = new Set<string>()
  readonly #turn = new InTurn()
  #count = 0

  /** @param members those that take part now in the changes of a server */
  constructor(members: (server: string) => readonly WorkerProcess[]) {
    this.#members = members
  }

  /** Returns the numbers that it came to in the workers but the one that asked for it. @throws what it throws in one of them */
  change(by: WorkerProcess, change: Change): Promise<Came> {
    return this.#turn.run(() => this.#carryOut(by, change))
  }

  /** Keeps all changes waiting until a worker takes part. Resolves to what it has to carry out before, in order. */
  join(worker: WorkerProcess, server: string, whenJoined: Promise<void>): Promise<readonly Carried[]> {
    return new Promise((resolve) => {
      void this.#turn.run(async () => {
        resolve([...this.#current.values()].filter((one) => one.server === server))
        await within(PREPARE_MS, Promise.race([whenJoined, worker.whenGone]))
      })
    })
  }

  /** Returns the version that a server has in all workers. @param isFirst whether it is that of this one, the only one */
  agree(server: string, version: number, isFirst: boolean): number {
    const known = this.#versions.get(server) ?? 0
    const agreed = isFirst ? Math.max(known, version) : known
    this.#versions.set(server, agreed)
    return agreed
  }

  /** Returns a free port. Two calls for one place have the same. */
  async findPort(host: string | undefined, place: string | undefined): Promise<number> {
    const known = place === undefined ? undefined : this.#ports.get(place)
    if (known !== undefined) return known
    const port = await probe(host)
    if (place !== undefined) this.#ports.set(place, port)
    return port
  }

  /** Whether a worker is the first that listens at the path of a Unix socket. */
  claims(path: string): boolean {
    const isFirst = !this.#claimed.has(path)
    this.#claimed.add(path)
    return isFirst
  }

  async #carryOut(by: WorkerProcess, change: Change): Promise<Came> {
    const id = ++this.#count
    const { server } = change
    const version = (this.#versions.get(server) ?? 0) + 1
    const all = [...this.#members(server)]
    const prepare = all.map((worker) => worker.channel.call('prepare', { ...change, id, version }))
    const refusals = await settle(prepare, PREPARE_MS)
    const [refusal] = refusals
    if (refusal !== undefined) {
      await settle(
        all.map((worker) => worker.channel.call('undo', { id })),
        PREPARE_MS,
      )
      // The worker that asked may have thrown it itself.
      throw Object.assign(refusal, { change: id })
    }
    const carried = await Promise.allSettled(all.map((worker) => worker.channel.call('commit', { id })))
    const done = carried.map((one) => (one.status === 'fulfilled' ? (one.value as Done) : undefined))
    const made = Math.max(version - 1, ...done.map((one) => one?.version ?? 0))
    this.#versions.set(server, made)
    const key = `${server} ${change.topic} ${change.key}`
    // In the order of the last changes.
    this.#current.delete(key)
    this.#current.set(key, { ...change, version: made })
    const others = done.filter((_, i) => all[i] !== by).flatMap((one) => one?.value ?? [])
    return { change: id, others }
  }
}

/** What has come of a change. */
export interface Came {
  /** Its number. */
  readonly change: number
  readonly others: readonly number[]
}

/** What a worker has made of a change. */
interface Done {
  readonly value: number | undefined
  /** Of its server, from then on. */
  readonly version: number
}

/** Returns what calls were refused with; those of processes that have ended are over. */
async function settle(calls: readonly Promise<unknown>[], timeoutMs: number): Promise<Error[]> {
  const errors: Error[] = []
  let isOver = false
  const all = Promise.all(
    calls.map((call) =>
      call.catch((error: unknown) => {
        if (!(error instanceof Gone)) errors.push(error as Error)
      }),
    ),
  ).then(() => (isOver = true))
  await within(timeoutMs, all)
  if (!isOver) errors.push(new Error(`a worker has not answered within ${timeoutMs} ms: nothing has changed`))
  return errors
}

/** Returns a port that is free now, and that the system won't offer again soon. */
function probe(host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, host, exclusive: true }, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
