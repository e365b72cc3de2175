import type { ObserverEvent } from './observer-event.ts'

/** How much of a response is read, in bytes. A longer one isn't parsed. */
const MAX_RESPONSE_SIZE = 64 * 1024

/** Where events are posted. */
export interface Receiver {
  readonly url: URL
  readonly token?: string
}

/**
 * Posts events as JSON. Redirects aren't followed.
 *
 * Security: an error has neither the token nor the credentials of the URL.
 *
 * @throws Error if the events aren't accepted: no 2xx, a JSON body with `"ok": false`, or no complete response
 */
export async function postEvents(
  receiver: Receiver,
  events: readonly ObserverEvent[],
  signal: AbortSignal,
): Promise<void> {
  const response = await post(receiver, JSON.stringify({ events }), signal)
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`the response has status ${response.status}`)
  }
  if (saysNo(await readText(response))) throw new Error('the response says "ok": false')
}

async function post({ url, token }: Receiver, body: string, signal: AbortSignal): Promise<Response> {
  const target = new URL(url)
  target.username = ''
  target.password = ''
  const authorization = token === undefined ? basicOf(url) : `Bearer ${token}`
  const headers = { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) }
  try {
    return await fetch(target, { method: 'POST', headers, body, signal, redirect: 'manual' })
  } catch (error) {
    // The error of fetch says only that it failed.
    throw error instanceof TypeError ? (error.cause ?? error) : error
  }
}

/** Returns the credentials of a URL as a field value (RFC 7617, section 2), since `fetch` refuses them in the URL. */
function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** Returns the body of a response, or `''` if it is too long. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (size > MAX_RESPONSE_SIZE) return ''
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

function saysNo(text: string): boolean {
  try {
    const body = JSON.parse(text) as { ok?: unknown } | null
    return body?.ok === false
  } catch {
    // A body that isn't JSON says nothing.
    return false
  }
}
