import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Sends 100 (RFC 9110, section 10.1.1) when the body is first read: a client that is refused by the head alone needn't send
 * it. `node:http` closes the connection after a response without a 100 before.
 */
export function deferContinue(raw: IncomingMessage, response: ServerResponse): void {
  raw._read = (size) => {
    Reflect.deleteProperty(raw, '_read')
    if (!response.headersSent) response.writeContinue()
    raw._read(size)
  }
}

/** Whether a client waits for a 100 before it sends its body. */
export function awaitsContinue(raw: IncomingMessage): boolean {
  return Object.hasOwn(raw, '_read')
}
