/** Keeps a promise that nobody awaits, because something else failed before, from ending the process. */
export function ignoreRejection<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
