import { once } from 'node:events'
import { lstat, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/**
 * Makes room for a Unix socket: removes a socket file that a dead process has left behind, and nothing else.
 *
 * @throws an error of the system: EADDRINUSE where a process listens there, EEXIST where the file isn't a socket,
 * ENOENT where its folder doesn't exist
 */
export async function claimSocketFile(path: string): Promise<void> {
  // To bind in a folder that isn't there fails as if for want of permission.
  await stat(dirname(path))
  const file = await lstat(path).catch(ignoreAbsence)
  if (file === undefined) return
  if (!file.isSocket()) throw createError('EEXIST', path)
  if (await isListenedOn(path)) throw createError('EADDRINUSE', path)
  await rm(path, { force: true })
}

/** Only a refusal proves that no process does: one whose queue is full is alive. */
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
