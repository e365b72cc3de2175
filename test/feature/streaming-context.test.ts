import { AsyncLocalStorage } from 'node:async_hooks'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from 'tribind'
import { expect } from 'chai'
import { bothWays } from './both-ways.ts'

const storage = new AsyncLocalStorage<string>()
const see = () => String(storage.getStore())

/** More than a socket takes at once, so that the source has to wait for its client. */
const large = 'x'.repeat(300_000)

const sources: Record<string, () => unknown> = {
  'an async generator': async function* () {
    yield `${see()} `
    await sleep(1)
    yield `${see()} ${large}`
    yield see()
  },
  'an async iterable': () => ({
    async *[Symbol.asyncIterator]() {
      yield see()
      try {
        yield large
      } finally {
        see()
      }
      yield see()
    },
  }),
  'a ReadableStream': () => {
    let count = 0
    return new ReadableStream<string>({
      pull(controller) {
        if (count++ < 3) controller.enqueue(`${see()} ${large}`)
        else controller.close()
      },
    })
  },
  'a Readable': () => {
    let count = 0
    return new Readable({
      read() {
        this.push(count++ < 3 ? `${see()} ${large}` : null)
      },
    })
  },
  'an awaited generator': async () => {
    await sleep(1)
    return (sources['an async generator'] as () => unknown)()
  },
  'a web Response': () =>
    new Response((sources['a ReadableStream'] as () => ReadableStream)().pipeThrough(new TextEncoderStream())),
}

describe("the application's AsyncLocalStorage", () => {
  for (const [name, create] of Object.entries(sources)) {
    bothWays(
      `is the handler's in ${name} that it returns`,
      (server: Server) => {
        server.use(({ query }, next) => storage.run(String(query.id), next))
        server.get('/', create)
      },
      async (send) => {
        const answers = await Promise.all(['first', 'second'].map((id) => send(`/?id=${id}`)))
        for (const [i, { text }] of answers.entries()) {
          const words = new Set(
            text
              .replaceAll(/x+/g, ' ')
              .trim()
              .split(/ +|(?<=first|second)(?=first|second)/),
          )
          expect([...words]).to.deep.equal([['first', 'second'][i]])
        }
      },
    )
  }
})
