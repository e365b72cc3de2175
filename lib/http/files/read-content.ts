import { close, createReadStream, fstat, open, read } from 'node:fs'
import { sep } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { FileFacts } from './file-facts.ts'
import { ifPresent } from './locate-file.ts'

/** In bytes. Up to here, what goes out is read at once and goes out in one write. */
const MAX_WHOLE = 64 * 1024

// By file descriptors: the promises of FileHandle cost more.
const openFile = promisify(open)
const readFile = promisify(read)
const statFile = promisify(fstat)

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
  const { memory, stats } = file
  if (memory?.bytes !== undefined) return memory.bytes.subarray(start, start + length)
  const fd = await ifPresent(() => openFile(file.path, 'r'))
  if (fd === undefined) return undefined
  let stream: Readable | undefined
  try {
    if (memory !== undefined && stats.size <= MAX_WHOLE) {
      const whole = await readBytes(fd, file, 0, stats.size)
      if (whole !== undefined) memory.keep(whole)
      return whole?.subarray(start, start + length)
    }
    if (length <= MAX_WHOLE) return await readBytes(fd, file, start, length)
    if (await isUnchanged(fd, file)) stream = createReadStream('', { fd, start, end: start + length - 1 })
    return stream
  } finally {
    // What was read is there, whatever becomes of it.
    if (stream === undefined) close(fd, () => {})
  }
}

async function readBytes(fd: number, file: FileFacts, start: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(length)
  // By now, it may be a folder.
  const part = await ifPresent(() => readFile(fd, bytes, 0, length, start))
  // Asked afterwards: what was written meanwhile has changed the time.
  return part?.bytesRead === length && (await isUnchanged(fd, file)) ? bytes : undefined
}

async function isUnchanged(fd: number, { stats }: FileFacts): Promise<boolean> {
  return isSameFile(await statFile(fd), stats)
}

/** Whether both are about the same file with the same content. */
export function isSameFile(a: FileFacts['stats'], b: FileFacts['stats']): boolean {
  // On Windows, some versions of Node.js tell the device in 64 bits by a path, and in 32 of an open file (libuv, pull request 4698).
  const isSameDevice = a.dev === b.dev || sep === '\\'
  return isSameDevice && a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs
}
