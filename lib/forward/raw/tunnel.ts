import type { Socket } from 'node:net'

/**
 * Relays between two connections until both sides have closed both: each at the pace of the other, and one that is half closed keeps
 * its other half. Where one breaks, the other is cut, so that its end isn't taken for that of what was sent.
 *
 * @param timeout how long nothing may pass, in milliseconds; 0 for no limit
 */
export function tunnel(one: Socket, other: Socket, timeout: number): Promise<void> {
  one.allowHalfOpen = true
  other.allowHalfOpen = true
  if (timeout > 0) other.setTimeout(timeout, () => other.destroy())
  return new Promise((resolve) => {
    let open = 2
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      from.on('error', ignore)
      from.once('close', () => {
        if (!from.readableEnded || !from.writableFinished) cut(to)
        if (--open === 0) resolve()
      })
      if (from.destroyed) from.emit('close')
      else from.pipe(to)
    }
  })
}

/** Closes a connection so that the other end sees that it was cut. */
export function cut(socket: Socket): void {
  try {
    socket.resetAndDestroy()
  } catch {
    // Of TLS, and of a Unix socket, which have no reset.
    socket.destroy()
  }
}

function ignore(): void {}
