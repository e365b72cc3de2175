import { readFile, stat } from 'node:fs/promises'

/**
 * Reads a file in UTF-8, without its byte order mark, and with `\n` at the end of each line.
 *
 * @throws Error whose message follows the name of the file, such as `does not exist`
 */
export async function readText(path: string, maxMebibytes: number): Promise<string> {
  try {
    return decodeText(await readSmall(path, maxMebibytes))
  } catch (error) {
    throw new Error(describeFailure(error as Error), { cause: error })
  }
}

/** Decodes UTF-8 without its byte order mark, with `\n` at the end of each line. @throws TypeError for anything else */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n')
}

async function readSmall(path: string, maxMebibytes: number): Promise<Uint8Array> {
  // Before it is opened: that of a named pipe would wait for a writer.
  const stats = await stat(path)
  if (!stats.isFile()) throw new Error('is not a file')
  if (stats.size > maxMebibytes * 1024 * 1024) throw new Error(`is larger than ${maxMebibytes} MiB`)
  return readFile(path)
}

function describeFailure(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) return error.message
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not a text in UTF-8'
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  return code === 'EACCES' ? 'cannot be read: permission denied' : `cannot be read (${code})`
}
