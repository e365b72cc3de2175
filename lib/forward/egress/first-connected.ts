import type { Socket } from 'node:net'

/** After this time the next attempt begins while those before go on (RFC 8305, section 8). */
const NEXT_ATTEMPT_MS = 250

/** One attempt. It gives up when the signal is aborted. */
export type Attempt = (signal: AbortSignal) => Promise<Socket>

/**
 * Makes attempts in order, each when the one before has failed or has taken long, and returns the first socket (RFC 8305, section 5).
 * All others are given up. Rejects with the errors, in the order of the attempts.
 */
export function firstConnected(attempts: readonly Attempt[], signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const losers = new AbortController()
    const errors: unknown[] = []
    let begun = 0
    let failed = 0
    let timer: NodeJS.Timeout | undefined
    const onAbort = () => losers.abort(signal?.reason)
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const begin = () => {
      clearTimeout(timer)
      const attempt = attempts[begun]
      if (attempt === undefined) return
      const at = begun++
      timer = setTimeout(begin, NEXT_ATTEMPT_MS)
      attempt(losers.signal).then(
        (socket) => succeed(socket),
        (error) => fail(at, error),
      )
    }
    const succeed = (socket: Socket) => {
      // Two may connect in the same turn.
      if (losers.signal.aborted) return void socket.destroy()
      end()
      losers.abort()
      resolve(socket)
    }
    const fail = (at: number, error: unknown) => {
      errors[at] = error
      failed++
      if (signal?.aborted || failed === attempts.length) {
        end()
        reject(new AggregateError(errors))
      } else if (!losers.signal.aborted && failed === begun) begin()
    }
    signal?.addEventListener('abort', onAbort)
    begin()
  })
}

/** The target was reached, and said no. */
const answers: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET'])

/** Returns which of several errors says most of why nothing could be connected to: one that came from the target, or else the last. */
export function mostTelling(errors: readonly unknown[]): unknown {
  return errors.find((error) => answers.has((error as NodeJS.ErrnoException).code)) ?? errors.at(-1)
}
