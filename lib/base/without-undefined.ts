/** A copy without what is there but undefined, so that spread over defaults it leaves them alone. */
export function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
