import { onDemandOfNode } from '../base/on-demand.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

/** How many passwords are known to be right. */
const MAX_KNOWN = 1000

/**
 * Remembers which passwords were right, by a hash with a key of its own: a slow verification is for the first request alone, and
 * requests that come meanwhile wait for the same.
 */
export class VerifiedPasswords {
  readonly #key = crypto().randomBytes(32)
  /** The one that was used longest ago comes first. */
  readonly #right = new Set<string>()
  readonly #pending = new Map<string, Promise<boolean>>()

  /** @param run verifies the password; it is called unless that is known */
  verify(user: string, password: string, run: () => Promise<boolean>): boolean | Promise<boolean> {
    const id = crypto().createHmac('sha256', this.#key).update(`${user}\0${password}`).digest('base64')
    if (this.#right.delete(id)) {
      this.#right.add(id)
      return true
    }
    const pending = this.#pending.get(id) ?? this.#run(id, run)
    this.#pending.set(id, pending)
    return pending
  }

  async #run(id: string, run: () => Promise<boolean>): Promise<boolean> {
    try {
      const isRight = await run()
      if (isRight) this.#remember(id)
      return isRight
    } finally {
      this.#pending.delete(id)
    }
  }

  #remember(id: string): void {
    this.#right.add(id)
    if (this.#right.size > MAX_KNOWN) this.#right.delete(this.#right.values().next().value as string)
  }
}
