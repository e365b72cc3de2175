/** Settles as a promise does. Rejects if that takes longer than `ms` milliseconds, and with the reason of the signal when that is aborted. */
export function answerWithin<Answer>(ms: number, answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason as Error)
    // After what has arrived meanwhile: a process that was busy itself would blame the other side.
    const timer = setTimeout(() => setImmediate(() => reject(new Error(`no answer within ${ms / 1000} s`))), ms)
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) giveUp()
    void answer.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    })
  })
}
