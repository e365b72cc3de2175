import { once } from 'node:events'
import { lstat, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/**
 * Removes a socket file that an ended process left at the path of a Unix socket, and nothing else.
 *
 * @throws a system error: EADDRINUSE if a process listens there, EEXIST if the file isn't a socket, ENOENT if its folder
 * doesn't exist
 */
export async function claimSocketFile(path: string): Promise<void> {
  // Binding in a folder that doesn't exist fails with an error of permission.
  await stat(dirname(path))
  const file = await lstat(path).catch(ignoreAbsence)
  if (file === undefined) return
  if (!file.isSocket()) throw createError('EEXIST', path)
  if (await isListenedOn(path)) throw createError('EADDRINUSE', path)
  await rm(path, { force: true })
}

/** Returns whether a process listens there. Only a refused connection proves that none does: a process with a full queue is alive. */
async function isListenedOn(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function createError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path })
}
