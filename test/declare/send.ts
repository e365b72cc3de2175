import type { Server } from 'tribind'

/** What was answered, JSON parsed. */
export interface Sent {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- tests say what they expect
  readonly value: any
}

export const json = { 'content-type': 'application/json' }
export const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Sends a request in process. */
export async function send(server: Server, url: string, options: object = {}): Promise<Sent> {
  const result = await server.inject({ url, ...options })
  const text = result.text()
  return { status: result.status, value: text.startsWith('{') ? JSON.parse(text) : text }
}
