import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { documentKinds, isDocument } from '../../../config/parse-document.ts'
import { readText } from '../../../config/read-text.ts'

/** Of each file. */
const MAX_MEBIBYTES = 8
const AT_ONCE = 32

/** What is at a path. */
export interface Contents {
  /** The text of each file by its name, in the order of the names; an error where it can't be read. */
  readonly files: ReadonlyMap<string, string | Error>
  /** Why there are none, in words that follow the path. */
  readonly problem?: string
}

/** Reads a file, or the documents of a folder but hidden ones and those of its subfolders. Never rejects. */
export async function readFolder(path: string): Promise<Contents> {
  try {
    if (!(await stat(path)).isDirectory()) return await readAll([path])
    const entries = await readdir(path)
    const names = entries.filter(isVisibleDocument).toSorted()
    if (names.length > 0) return await readAll(names.map((name) => join(path, name)))
    return nothing(`has no file that ends in ${documentKinds.join(', ')}`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return nothing(code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be read (${code})`)
  }
}

/** Whether a file of a folder counts: those of editors that are hidden, or end in something else, don't. */
export function isVisibleDocument(name: string): boolean {
  return !name.startsWith('.') && isDocument(name)
}

function nothing(problem: string): Contents {
  return { files: new Map(), problem }
}

async function readAll(paths: readonly string[]): Promise<Contents> {
  const files = new Map<string, string | Error>()
  // Not all at once: a folder may have more files than a process may have open.
  for (let i = 0; i < paths.length; i += AT_ONCE) {
    const some = paths.slice(i, i + AT_ONCE)
    for (const [j, text] of (await Promise.all(some.map(readOne))).entries()) files.set(basename(some[j] ?? ''), text)
  }
  return { files }
}

async function readOne(path: string): Promise<string | Error> {
  if (!isDocument(path)) return new Error(`is of no kind that can be read: there are ${documentKinds.join(', ')}`)
  return readText(path, MAX_MEBIBYTES).catch((error: Error) => error)
}
