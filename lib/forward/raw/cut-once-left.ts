import type { ServerResponse } from 'node:http'

/**
 * Cuts a client that has closed its side and isn't sent anything for a time: most that do so have left.
 *
 * @param ms 0 for no limit
 */
export function cutOnceLeft(response: ServerResponse, ms: number): void {
  const { socket } = response.req
  if (ms === 0) return
  let timer: NodeJS.Timeout | undefined
  let written = 0
  const look = () => {
    const now = socket.bytesWritten - socket.writableLength
    if (timer !== undefined && now === written) socket.destroy()
    written = now
    timer = setTimeout(look, ms).unref()
  }
  if (socket.readableEnded) look()
  else socket.once('end', look)
  response.once('close', () => {
    socket.off('end', look)
    clearTimeout(timer)
  })
}
