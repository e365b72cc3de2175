/**
 * Calls a function after a time, unless the returned function is called before.
 *
 * A timer of Node.js counts from when the event loop last looked at the clock: set after work that held the loop up, it fires too
 * early by as long. What waits for a database would be given up before it was asked.
 */
export function startDeadline(ms: number, onLate: () => void): () => void {
  const end = performance.now() + ms
  const check = () => {
    const left = end - performance.now()
    if (left < 1) onLate()
    else timer = setTimeout(check, left)
  }
  let timer = setTimeout(check, ms)
  return () => clearTimeout(timer)
}
