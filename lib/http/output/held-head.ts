import type { ServerResponse } from 'node:http'

type Method = (...args: unknown[]) => unknown
type Methods = Record<string, Method | undefined>

/** They send the head, or need it sent. */
const names = ['writeHead', 'flushHeaders', 'write', 'end'] as const

/**
 * Has `prepare` called before the head of a response of `node:http` goes out, whoever sends it.
 *
 * What is sent meanwhile waits for its promise, in order. Where that rejects nothing of it is sent, and `fail` is called:
 * another response can take its place.
 */
export function holdHead(
  response: ServerResponse,
  prepare: () => void | Promise<void>,
  fail: (error: unknown) => void,
): void {
  const raw = response as unknown as Methods
  let calls: (() => unknown)[] | undefined
  const open = () => {
    const held = calls ?? []
    calls = undefined
    for (const call of held) call()
    // A source that was told to wait.
    if (held.length > 0 && !response.writableNeedDrain && !response.writableEnded) response.emit('drain')
  }
  const drop = (error: unknown) => {
    calls = undefined
    fail(error)
  }
  for (const name of names) {
    const send = raw[name] as Method
    raw[name] = (...args) => {
      const run = () => Reflect.apply(send, response, args)
      if (calls === undefined) {
        const preparing = response.headersSent ? undefined : prepare()
        if (preparing === undefined) return run()
        calls = []
        preparing.then(open, drop)
      }
      calls.push(run)
      return name === 'write' ? false : response
    }
  }
}
