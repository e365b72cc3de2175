import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from '../index.ts'
import { Problem } from './problem.ts'

/** How long a client waits that has sent a wrong token. Each guess also costs it a connection, of which there are few. */
const PENALTY_MS = 250
const LOG_PERIOD_MS = 10_000

/**
 * Checks bearer tokens.
 *
 * **Security**: the time of the comparison tells neither where two tokens differ nor how long the right one is, since keyed hashes of
 * equal length are compared.
 */
export class TokenCheck {
  readonly #key = randomBytes(32)
  readonly #expected: Buffer
  readonly #logger: Logger
  #refused = 0
  #loggedAt = -Infinity

  constructor(token: string, logger: Logger) {
    this.#expected = this.#hash(token)
    this.#logger = logger
  }

  /** @param authorization the field of that name. @throws Problem 401, late for a wrong token */
  async check(authorization: string | undefined): Promise<void> {
    // RFC 6750, section 2.1; the scheme is case-insensitive.
    const [, token] = /^bearer +([\x21-\x7e]{1,1024})$/i.exec(authorization ?? '') ?? []
    if (token !== undefined && timingSafeEqual(this.#hash(token), this.#expected)) return
    if (authorization === undefined) throw refusal('The token is missing: send it as "Authorization: Bearer TOKEN"', {})
    this.#note()
    await setTimeout(PENALTY_MS, undefined, { ref: false })
    throw refusal('The token is not the one of the option "admin.token"', { Connection: 'close' })
  }

  #hash(token: string): Buffer {
    return createHmac('sha256', this.#key).update(token).digest()
  }

  #note(): void {
    this.#refused++
    if (performance.now() - this.#loggedAt < LOG_PERIOD_MS) return
    this.#logger.warn('Refused a wrong token', { refused: this.#refused })
    this.#loggedAt = performance.now()
    this.#refused = 0
  }
}

function refusal(message: string, headers: Readonly<Record<string, string>>): Problem {
  return new Problem(401, message, {
    failure: 'ERR_TRIBIND_ADMIN_TOKEN',
    headers: { 'WWW-Authenticate': 'Bearer realm="tribind administration"', ...headers },
  })
}
