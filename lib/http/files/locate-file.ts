import type { Stats } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HttpError } from '../../base/http-error.ts'
import type { ReadFileOptions } from './file-options.ts'

/** Something found in the file system. */
export interface Located {
  /** Absolute; inside of a root without symbolic links. */
  readonly path: string
  /** As it was asked for: the type of its content goes by this name. */
  readonly name: string
  readonly stats: Stats
  /** Whether a symbolic link below the root leads to it. */
  readonly isLinked: boolean
}

const absent = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL', 'EISDIR'])
const forbidden = new Set(['EACCES', 'EPERM'])

/**
 * Finds what lies in a folder under a row of names, each of them the name of one folder or file and never decoded again.
 *
 * A name that begins with a dot, or that can't be a name (with a slash, a backslash, NUL), finds nothing. Nor does a spelling
 * that the file system takes for another name, in other case for example: whatever guards that name wouldn't know it.
 *
 * Nor does a symbolic link below the folder: what guards the name it leads to doesn't know that of the link. The folder
 * itself may be a link.
 *
 * @param followSymlinks whether symbolic links are followed, wherever they lead
 * @returns `undefined` where there is nothing
 * @throws HttpError 403 for what this process may not read
 */
export async function locateInside(
  root: string,
  names: readonly string[],
  followSymlinks: boolean,
): Promise<Located | undefined> {
  if (names.some(isRefusedName)) return undefined
  return ifPresent(async () => {
    const asked = join(root, ...names)
    const path = await realpath(asked)
    // They differ where a link leads elsewhere, to the root perhaps, or where upper and lower case are the same.
    const folder = path === asked ? root : await realpath(root)
    const isLinked = path !== join(folder, ...names)
    if (isLinked && !(followSymlinks && (await isStoredSpelling(folder, names)))) return undefined
    // A link that has been put there since then isn't followed.
    return { path, name: names.at(-1) ?? '', stats: await lstat(path), isLinked }
  })
}

/**
 * Finds a file by a path from the application; a relative path starts at the working directory.
 *
 * It follows symbolic links. A `..` in the path, or a name at its end that begins with a dot, finds nothing.
 */
async function locateAnywhere(path: string): Promise<Located | undefined> {
  const name = basename(path)
  if (path.includes('\0') || name.startsWith('.') || path.split(/[/\\]/).includes('..')) return undefined
  return ifPresent(async () => ({ path: resolve(path), name, stats: await stat(path), isLinked: false }))
}

/** Finds a file for a response, inside of the root that the options name or anywhere. */
export function locateFile(path: string, { root, followSymlinks }: ReadFileOptions): Promise<Located | undefined> {
  if (root === undefined) return locateAnywhere(path)
  return locateInside(toFolderPath(root), path.split('/').filter(Boolean), followSymlinks)
}

/** Returns the path of a folder that the application sets as a path or a `file:` URL. */
export function toFolderPath(folder: string | URL): string {
  return resolve(folder instanceof URL ? fileURLToPath(folder) : folder)
}

/** Returns the result of a look-up in the file system, or `undefined` if the file doesn't exist. */
export async function ifPresent<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (absent.has(code)) return undefined
    if (forbidden.has(code))
      throw new HttpError(403, undefined, { failure: 'ERR_TRIBIND_FILE_FORBIDDEN', cause: error })
    throw error
  }
}

/** Whether nothing is found under a name: one that begins with a dot, or that can't be the name of one file. */
export function isRefusedName(name: string): boolean {
  return name === '' || name.startsWith('.') || /[/\\\0]/.test(name) || !name.isWellFormed() || isWindowsAlias(name)
}

// There a colon names a drive or a stream of a file, and dots and blanks at the end don't count.
function isWindowsAlias(name: string): boolean {
  return sep === '\\' && /[:*?"<>|]|[. ]$/.test(name)
}

/** Whether each name that leads to a file is one that its folder lists. */
async function isStoredSpelling(folder: string, names: readonly string[]): Promise<boolean> {
  let at = folder
  for (const name of names) {
    if (!(await readdir(at)).includes(name)) return false
    at = join(at, name)
  }
  return true
}
