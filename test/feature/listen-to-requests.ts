import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { RequestDiagnostics } from 'tribind'
import { turns, until } from './both-ways.ts'

/** What is told of requests by the channels of diagnostics, in this process. */
export interface Told {
  /** For each, `event url` and what else is to be seen of it then. */
  readonly lines: string[]
  readonly messages: RequestDiagnostics[]
  deafen(): void
  /** Waits until so many requests are over, and for anything that would be told too much; gives the lines. */
  over(count?: number): Promise<string[]>
}

export const events = ['start', 'route', 'served', 'error', 'close'] as const

const more: Record<(typeof events)[number], (message: RequestDiagnostics) => string> = {
  start: () => '',
  route: ({ request }) => ` ${request.route}`,
  served: () => '',
  error: ({ error, isAnswer }) => ` ${(error as Error).message} ${isAnswer ? 'is' : 'is not'} the answer`,
  close: ({ response, isFinished }) => ` ${response.status} ${isFinished ? 'finished' : 'left'}`,
}

export function listenToRequests(): Told {
  const lines: string[] = []
  const messages: RequestDiagnostics[] = []
  const listeners = events.map((event) => {
    const listener = (payload: unknown) => {
      const message = payload as RequestDiagnostics
      messages.push(message)
      lines.push(`${event} ${message.request.url}${more[event](message)}`)
    }
    subscribe(`tribind.request.${event}`, listener)
    return () => unsubscribe(`tribind.request.${event}`, listener)
  })
  return {
    lines,
    messages,
    deafen: () => listeners.forEach((unlisten) => unlisten()),
    async over(count = 1) {
      await until(() => lines.filter((line) => line.startsWith('close')).length >= count, 'the requests are over')
      await turns()
      return lines
    },
  }
}
