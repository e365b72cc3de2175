import { CommandError, ConfigError, DuplicateRouteError, ListenError, RouteError, StateError } from '../../index.ts'

/** What the other side asks for, by its name. */
export type Answers = Readonly<Record<string, (data: never) => unknown>>

/** A message between the first process and a worker. */
type Message =
  | { readonly tribind: 'call'; readonly id: number; readonly kind: string; readonly data: unknown }
  | { readonly tribind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly tribind: 'refusal'; readonly id: number; readonly error: ErrorData }

interface ErrorData {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly members: object
}

interface Pending {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Rejects what was asked of a process that has ended. */
export class Gone extends Error {}

/** Calls functions of another process, and answers its calls. */
export class Channel {
  readonly #send: (message: object) => boolean
  readonly #answers: Answers
  readonly #pending = new Map<number, Pending>()
  #last = 0
  #isClosed = false

  /** @param send returns false where the other process is gone */
  constructor(send: (message: object) => boolean, answers: Answers) {
    this.#send = send
    this.#answers = answers
  }

  /** Calls a function of the other process. @throws what that throws; Gone if it ends before it has answered */
  call(kind: string, data?: unknown): Promise<unknown> {
    const id = ++this.#last
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      if (this.#isClosed || !this.#send({ tribind: 'call', id, kind, data } satisfies Message)) this.#refuse(id)
    })
  }

  /** Takes what has arrived from the other process; what isn't for the channel is ignored. */
  receive(given: unknown): void {
    const message = given as Message | undefined
    if (message?.tribind === 'call') void this.#answer(message)
    if (message?.tribind === 'answer') this.#take(message.id)?.resolve(message.value)
    if (message?.tribind === 'refusal') this.#take(message.id)?.reject(readError(message.error))
  }

  /** Rejects what is pending, and all that is asked from now on. */
  close(): void {
    this.#isClosed = true
    for (const id of this.#pending.keys()) this.#refuse(id)
  }

  async #answer({ id, kind, data }: Message & { tribind: 'call' }): Promise<void> {
    try {
      const answer = this.#answers[kind]
      if (answer === undefined) throw new Error(`there is no "${kind}" to be called in this process`)
      const value = await answer(data as never)
      this.#send({ tribind: 'answer', id, value } satisfies Message)
    } catch (error) {
      this.#send({ tribind: 'refusal', id, error: writeError(error) } satisfies Message)
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #refuse(id: number): void {
    this.#take(id)?.reject(new Gone('the other process has ended'))
  }
}

function writeError(thrown: unknown): ErrorData {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const members = Object.entries(error).filter(([, value]) => isData(value))
  return { name: error.name, message: error.message, stack: error.stack, members: Object.fromEntries(members) }
}

/** Whether another process can be sent a value. */
function isData(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

const classes = [CommandError, ConfigError, DuplicateRouteError, ListenError, RouteError, StateError]

/** Creates an error of the class of ours that it has in the other process, otherwise an `Error`. */
function readError({ name, message, stack, members }: ErrorData): Error {
  const error = Object.assign(new Error(message), members)
  const known = classes.find((one) => one.name === name)
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype as object)
  for (const [key, value] of Object.entries({ name, stack }))
    Object.defineProperty(error, key, { value, writable: true, configurable: true })
  return error
}
