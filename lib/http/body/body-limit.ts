/** In bytes; few requests have one, so it is no field of all. */
const limits = new WeakMap<object, number>()

/** Limits the body of one request, in bytes, in place of `maxBodySize`. Of several limits, the smallest counts. */
export function limitBody(owner: object, bytes: number): void {
  limits.set(owner, Math.min(bytes, limits.get(owner) ?? bytes))
}

/** Returns the limit of the body of a request, in bytes, where one was set. */
export function bodyLimitOf(owner: object): number | undefined {
  return limits.get(owner)
}
