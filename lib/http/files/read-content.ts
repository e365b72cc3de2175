import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { FileFacts } from './file-facts.ts'
import { ifPresent } from './locate-file.ts'

/** In bytes. Up to here, what goes out is read at once and goes out in one write. */
export const MAX_WHOLE = 64 * 1024

/**
 * Reads a part of a file, in the version that its facts are about.
 *
 * @returns bytes, or a stream that holds the file open and that its owner must destroy; `undefined` where another file has
 * taken its place, or other content, since then
 */
export async function readContent(
  file: FileFacts,
  start: number,
  length: number,
): Promise<Buffer | Readable | undefined> {
  const handle = await ifPresent(() => open(file.path))
  if (handle === undefined) return undefined
  if (length <= MAX_WHOLE) {
    try {
      return await readBytes(handle, file, start, length)
    } finally {
      await handle.close()
    }
  }
  if (await isSame(handle, file)) return handle.createReadStream({ start, end: start + length - 1 })
  await handle.close()
  return undefined
}

async function readBytes(
  handle: FileHandle,
  file: FileFacts,
  start: number,
  length: number,
): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(length)
  const { bytesRead } = await handle.read(bytes, 0, length, start)
  // Afterwards: what was written meanwhile has changed the time.
  if (bytesRead !== length || !(await isSame(handle, file))) return undefined
  if (length === file.stats.size) file.memory?.keep(bytes)
  return bytes
}

async function isSame(handle: FileHandle, { stats }: FileFacts): Promise<boolean> {
  return isSameFile(await handle.stat(), stats)
}

/** Whether both are about the same file with the same content. */
export function isSameFile(a: FileFacts['stats'], b: FileFacts['stats']): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs
}
