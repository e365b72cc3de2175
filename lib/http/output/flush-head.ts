import type { OutgoingMessage } from 'node:http'

/**
 * Sends the head of a message on the next turn, unless a body has taken it along by then: it is kept for the first chunk. Not by
 * `flushHeaders`, which would send latin1 as UTF-8.
 */
export function flushHeadSoon(message: OutgoingMessage): void {
  setImmediate(() => {
    const { _headerSent: hasBegun } = message as { readonly _headerSent?: boolean }
    if (hasBegun === false && !message.destroyed && !message.writableEnded) message.write('', 'latin1')
  })
}
