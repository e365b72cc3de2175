/** Keys that a session of express-session, or any object, has a meaning of its own for. */
const reserved: ReadonlySet<string> = new Set([
  'cookie',
  'id',
  'req',
  'save',
  'reload',
  'touch',
  'resetMaxAge',
  'regenerate',
  'destroy',
  'toJSON',
  ...Object.getOwnPropertyNames(Object.prototype),
])

/** The name under which a value is stored: its key, as in Express, but for keys that would mean something else there. */
export function encodeKey(key: string): string {
  return reserved.has(key) || key.startsWith('~') ? `~${key}` : key
}

export function decodeKey(stored: string): string {
  return stored.startsWith('~') ? stored.slice(1) : stored
}
