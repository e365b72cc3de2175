/** How a file is served. */
export interface FileOptions {
  /** How long the client may use it without asking again, in seconds. Default 0: it asks whether it has changed. */
  maxAge?: number
  /** Whether it never changes under this name; only with `maxAge`. Default false. */
  immutable?: boolean
  /**
   * Whether symbolic links may lead out of the root. Default false: such a link is answered 404. Without a root, links
   * are always followed.
   */
  followSymlinks?: boolean
  /** The folder that the path is relative to and can't leave; without it, the path is the application's own. */
  root?: string | URL
}

/** What is wrong with options; `undefined` where nothing is. */
export function findBadFileOption({ maxAge = 0, immutable, followSymlinks }: FileOptions): string | undefined {
  if (!Number.isInteger(maxAge) || maxAge < 0)
    return `maxAge is a whole number of seconds from 0, not ${String(maxAge)}`
  for (const [name, flag] of Object.entries({ immutable, followSymlinks })) {
    if (flag !== undefined && typeof flag !== 'boolean') return `${name} is true or false, not ${String(flag)}`
  }
  return undefined
}
