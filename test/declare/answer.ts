import { type Handler, Server } from 'tribind'
import { z } from 'zod'
import { silent } from './silent.ts'

/** What an endpoint has answered. */
export interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly text: string
}

/** Asks a server. */
export async function get(server: Server, url = '/x'): Promise<Answer> {
  const result = await server.inject({ url })
  return { status: result.status, type: result.headers['content-type'], text: result.text() }
}

/** Returns a server with a handler at /x. */
export const serve = (handler: Handler, options: object = {}): Server =>
  new Server({ logger: silent, ...options }).get('/x', handler)

export const Loan: z.ZodObject<{ id: z.ZodNumber; state: z.ZodString }> = z.object({
  id: z.number(),
  state: z.string(),
})
