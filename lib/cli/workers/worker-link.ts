import cluster from 'node:cluster'
import type { CarryOut, Gate, Member, MemberServer, Workers, WorkerScope } from '../../kit.ts'
import { type Answers, Channel } from './channel.ts'
import type { Came, Carried, Change } from './changes.ts'
import { variables } from './worker-process.ts'

/** A change under way in this worker. */
interface UnderWay {
  /** Lets it take effect, or not. */
  readonly settle: { readonly commit: () => void; readonly undo: () => void }
  readonly done: Promise<Done>
}

interface Done {
  readonly value: unknown
  /** Of the server. */
  readonly version: number
}

/** Rejects the gate of a change that another worker has refused. */
class Undone extends Error {}

/** This process as one of several, from the side of the worker. */
export class WorkerLink implements Workers {
  readonly scope: WorkerScope = Object.freeze({
    worker: Number(process.env[variables.worker]),
    workers: Number(process.env[variables.workers]),
  })
  isReplaced = false
  isLeader = false
  secret: Buffer = Buffer.alloc(0)
  readonly channel: Channel
  /** Called when this worker is to stop. */
  onStop: () => void = () => {}
  readonly #members = new Map<string, LinkedMember>()
  readonly #underWay = new Map<number, UnderWay>()
  /** Of the latest changes that this worker took part in. */
  readonly #outcomes = new Outcomes()
  #pendingStarts = 0
  #hasStarted!: () => void
  /** Resolves when the first of its servers serve. */
  readonly whenStarted: Promise<void> = new Promise((resolve) => (this.#hasStarted = resolve))

  constructor() {
    const send = (message: object) => process.connected && (process.send?.(message, undefined, {}, () => {}) ?? false)
    this.channel = new Channel(send, this.#answers())
    process.on('message', (message) => this.channel.receive(message))
  }

  /** The servers that were started. */
  get servers(): readonly MemberServer[] {
    return [...this.#members.values()].filter(({ hasBegun }) => hasBegun).map(({ server }) => server)
  }

  enter(server: MemberServer): Member {
    const member = new LinkedMember(server, this)
    this.#members.set(server.name, member)
    return member
  }

  async claims(path: string): Promise<boolean> {
    return (await this.channel.call('claims', { path })) as boolean
  }

  warn(message: string): void {
    this.channel.call('warn', { message }).catch(() => {})
  }

  async begin({ stopTimeout }: MemberServer): Promise<void> {
    this.#pendingStarts++
    const { leads, secret } = (await this.channel.call('begin', { stopTimeout })) as { leads: boolean; secret: Buffer }
    this.isLeader = leads
    this.secret = Buffer.from(secret)
  }

  ended(): void {
    if (--this.#pendingStarts === 0) this.#hasStarted()
  }

  #answers(): Answers {
    return {
      prepare: (change: Carried & { id: number }) => this.#prepare(change),
      commit: async ({ id }: { id: number }) => {
        const change = this.#underWay.get(id)
        change?.settle.commit()
        const { value, version } = (await change?.done) ?? {}
        this.#underWay.delete(id)
        return { value: typeof value === 'number' ? value : undefined, version }
      },
      undo: async ({ id }: { id: number }) => {
        const change = this.#underWay.get(id)
        change?.settle.undo()
        await change?.done.catch(() => {})
        this.#underWay.delete(id)
      },
      question: ({ server, topic, data }: { server: string; topic: string; data: unknown }) =>
        this.#members.get(server)?.questions.get(topic)?.(data),
      lead: ({ leads }: { leads: boolean }) => this.#lead(leads),
      stop: ({ isReplaced }: { isReplaced: boolean }) => {
        this.isReplaced = isReplaced
        this.onStop()
      },
    }
  }

  #lead(leads: boolean): void {
    const isNew = leads && !this.isLeader
    this.isLeader = leads
    if (isNew) for (const member of this.#members.values()) member.lead()
  }

  /** Resolves when a change only waits for its gate, or is over. */
  #prepare({ id, server, topic, data, version }: Carried & { id: number }): Promise<void> {
    const member = this.#members.get(server)
    const carryOut = member?.changes.get(topic)
    if (member === undefined || carryOut === undefined)
      throw new Error(`server "${server}" of this worker knows no change of "${topic}"`)
    let settle = { commit() {}, undo() {} }
    return new Promise((resolve, reject) => {
      const gate: Gate = () =>
        new Promise((commit, refuse) => {
          settle = { commit: () => commit(version), undo: () => refuse(new Undone('another worker refused it')) }
          resolve()
        })
      const done = (async () => {
        const value = await carryOut(data, gate)
        return { value, version: member.server.version }
      })()
      const change = { settle: { commit: () => settle.commit(), undo: () => settle.undo() }, done }
      this.#underWay.set(id, change)
      this.#outcomes.keep(id, done)
      done.then(() => resolve(), reject)
    })
  }

  /** Asks for a change. Resolves to what this worker itself has made of it, then to the numbers of the others. */
  async change(change: Change): Promise<readonly unknown[]> {
    try {
      const { change: id, others } = (await this.channel.call('change', change)) as Came
      const own = await this.#outcomes.take(id)
      return [own?.value, ...others]
    } catch (error) {
      const { change: id } = error as Partial<Came>
      // What is thrown here is the same error, of the same class, as without other workers.
      if (id !== undefined) await this.#outcomes.take(id)
      throw error
    }
  }
}

/** How many changes may be under way, or just be over. */
const MAX_OUTCOMES = 100

/** What this worker has made of changes: errors and results as they are, which other processes have copies of. */
class Outcomes {
  readonly #kept = new Map<number, Promise<Done>>()

  keep(id: number, done: Promise<Done>): void {
    done.catch(() => {})
    this.#kept.set(id, done)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_OUTCOMES && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** @throws what the change threw here, unless another worker has refused it */
  async take(id: number): Promise<Done | undefined> {
    const done = this.#kept.get(id)
    this.#kept.delete(id)
    try {
      return await done
    } catch (error) {
      if (error instanceof Undone) return undefined
      throw error
    }
  }
}

/** A server of this worker. */
class LinkedMember implements Member {
  readonly server: MemberServer
  readonly changes = new Map<string, CarryOut>()
  readonly questions = new Map<string, (data: unknown) => unknown>()
  hasBegun = false
  isJoined = false
  readonly #link: WorkerLink
  #begun: Promise<void> = Promise.resolve()
  readonly #onLead: (() => void)[] = []
  constructor(server: MemberServer, link: WorkerLink) {
    this.server = server
    this.#link = link
  }

  get scope(): WorkerScope {
    return this.#link.scope
  }

  get isLeader(): boolean {
    return this.#link.isLeader
  }

  get secret(): Buffer {
    return this.#link.secret
  }

  onLead(call: () => void): void {
    this.#onLead.push(call)
  }

  lead(): void {
    for (const call of this.#onLead) call()
  }

  begin(): void {
    this.hasBegun = true
    this.#begun = this.#link.begin(this.server)
    this.#begun.catch(() => {})
  }

  async join(): Promise<void> {
    await this.#begun
    const current = (await this.#call('join')) as readonly Carried[]
    for (const { topic, data, version } of current) await this.changes.get(topic)?.(data, async () => version)
  }

  joined(): void {
    void this.#call('joined')
  }

  async ready(): Promise<void> {
    this.server.version = (await this.#call('agree', { version: this.server.version })) as number
    this.isJoined = true
    this.#link.ended()
  }

  carryOut(topic: string, carryOut: CarryOut): void {
    this.changes.set(topic, carryOut)
  }

  change(topic: string, key: string, data: unknown): Promise<readonly unknown[]> {
    return this.#link.change({ server: this.server.name, topic, key, data })
  }

  answer(topic: string, answer: (data: unknown) => unknown): void {
    this.questions.set(topic, answer)
  }

  async ask(topic: string, data: unknown, of: 'all' | 'leader' = 'all'): Promise<readonly unknown[]> {
    return (await this.#call('ask', { topic, data, of })) as readonly unknown[]
  }

  async findPort(host: string | undefined, place?: string): Promise<number> {
    const named = place === undefined ? {} : { place: `${this.server.name}/${place}` }
    return (await this.#call('findPort', { host, ...named })) as number
  }

  #call(kind: string, data: object = {}): Promise<unknown> {
    return this.#link.channel.call(kind, { server: this.server.name, ...data })
  }
}

/** Lets the process end when nothing else runs in it. */
export function leaveGroup(): void {
  if (cluster.worker?.isConnected() === true) cluster.worker.disconnect()
}
