/** A copy without what is there but undefined; spread over defaults, it leaves them alone. */
export function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
