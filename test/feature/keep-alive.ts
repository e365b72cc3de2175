import http from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type Ask } from './both-ways.ts'

export interface Kept {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
  /** Whether the connection is the one of the request before. */
  isSameConnection: boolean
}

/** Asks one after another over a connection that is kept, as far as the server keeps it. */
export async function askKeepingAlive(port: number, asks: readonly Ask[]): Promise<Kept[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const answers: Kept[] = []
  try {
    for (const { method = 'GET', url, headers, body } of asks) {
      const request = http.request({ agent, port, host: '127.0.0.1', method, path: url, ...(headers && { headers }) })
      const incoming = await new Promise<http.IncomingMessage>((resolve, reject) => {
        request.on('response', resolve).on('error', reject).end(body)
      })
      const bytes = await buffer(incoming)
      const { statusCode = 0, headers: fields } = incoming
      answers.push({ status: statusCode, headers: fields, body: bytes, isSameConnection: request.reusedSocket })
      // The agent takes the connection back in a turn of its own.
      await new Promise((resolve) => setImmediate(resolve))
    }
  } finally {
    agent.destroy()
  }
  return answers
}
