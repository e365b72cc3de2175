import { type IncomingHttpHeaders, request } from 'node:http'
import type { Server } from 'tribind'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The parsed body. */
  json: () => unknown
  /** The body as it arrived, piece by piece. */
  chunks: string[]
}

/** `what` is a method and a path, or a path alone for GET; `headers` may hold a Host. */
export type Ask = (what: string, headers?: Record<string, string>) => Promise<Answer>

/** Runs the example, on a socket of its own, around the tests of the `describe` it is called in. */
export function serve(build: () => Server): Ask {
  let server: Server
  before(async () => {
    server = build()
    server.setPort(0)
    await server.start()
  })
  after(() => server.stop())
  return (what, headers) => ask(server.port, what, headers)
}

export function ask(port: number, what: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const [path = '', method = 'GET'] = what.split(' ').reverse()
  return new Promise((resolve, reject) => {
    // Raw and without an agent: `fetch` sets the Host itself, and a kept connection would outlive its test.
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (incoming) => {
      const chunks: string[] = []
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = chunks.join('')
        const json = (): unknown => JSON.parse(text)
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json, chunks })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
