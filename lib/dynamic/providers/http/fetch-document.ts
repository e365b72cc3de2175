import { basename } from 'node:path'
import { isDocument } from '../../../config/parse-document.ts'
import { decodeText } from '../../../config/read-text.ts'

/** Of a body, after it was decompressed. */
const MAX_BYTES = 8 * 1024 * 1024
const MAX_REDIRECTS = 5
const TIMEOUT_MS = 10_000

const kinds: readonly (readonly [type: RegExp, name: string])[] = [
  [/^(?:application|text)\/(?:[\w.-]+\+)?json$/, 'document.json'],
  [/^(?:application|text)\/(?:x-|[\w.-]+\+)?yaml$/, 'document.yaml'],
  [/^(?:application|text)\/(?:x-)?toml$/, 'document.toml'],
]

/** What is asked for. */
export interface DocumentRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Of what is known already. */
  readonly etag: string | undefined
  readonly signal: AbortSignal
}

/** A document, as it came. */
export interface FetchedDocument {
  readonly text: string
  readonly etag: string | undefined
  /** A name of a file with the extension of its kind. */
  readonly kind: string
}

/**
 * Gets a document; `undefined` if it is the one that is known.
 *
 * @throws Error whose message follows the address, such as `answers 404`; it has no part of the URL but an origin
 */
export async function fetchDocument({ signal, ...request }: DocumentRequest): Promise<FetchedDocument | undefined> {
  const stop = new AbortController()
  const onAbort = () => stop.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS).unref()
  try {
    return await get({ ...request, signal: stop.signal })
  } catch (error) {
    throw stop.signal.aborted ? new Error(`does not answer within ${TIMEOUT_MS / 1000} s`, { cause: error }) : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    // What is left of a body isn't waited for.
    stop.abort()
  }
}

async function get(request: DocumentRequest): Promise<FetchedDocument | undefined> {
  const response = await follow(request)
  if (response.status === 304 && request.etag !== undefined) return undefined
  if (!response.ok) throw new Error(`answers ${response.status}`)
  const text = await readBody(response)
  return { text, etag: response.headers.get('etag') ?? undefined, kind: kindOf(response, request.url) }
}

/** Follows redirects within the origin: headers may be secret. */
async function follow({ url, headers, etag, signal }: DocumentRequest): Promise<Response> {
  let address = withoutCredentials(url)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await send(address, { headers: headersOf(url, headers, etag), redirect: 'manual', signal })
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response
    if (!URL.canParse(location, address.href)) throw new Error(`redirects to what is no URL`)
    const next = withoutCredentials(new URL(location, address))
    if (next.origin !== url.origin)
      throw new Error(`redirects to another origin, ${next.origin}, which is not followed: use its URL instead`)
    address = next
  }
  throw new Error(`redirects more than ${MAX_REDIRECTS} times`)
}

async function send(address: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init)
  } catch (error) {
    // The reason why `fetch failed` is in its cause.
    const { cause, message } = error as Error
    const { code } = (cause ?? {}) as NodeJS.ErrnoException
    throw new Error(`can't be reached (${code ?? message})`, { cause: error })
  }
}

function headersOf(url: URL, given: Readonly<Record<string, string>>, etag: string | undefined): Headers {
  const headers = new Headers({ accept: 'application/json, application/yaml, application/toml, */*;q=0.1' })
  if (url.username !== '' || url.password !== '') {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`)
  }
  for (const [name, value] of Object.entries(given)) headers.set(name, value)
  if (etag !== undefined) headers.set('if-none-match', etag)
  return headers
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url)
  bare.username = bare.password = bare.hash = ''
  return bare
}

async function readBody({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength
      if (length > MAX_BYTES) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new Error('answers with a body that breaks off', { cause: error })
  }
  if (length > MAX_BYTES) throw new Error('is larger than 8 MiB')
  return decode(Buffer.concat(chunks))
}

function decode(bytes: Buffer): string {
  try {
    return decodeText(bytes)
  } catch (error) {
    throw new Error('is not a text in UTF-8', { cause: error })
  }
}

/** By its type, else by the extension of the path, else JSON. */
function kindOf({ headers }: Response, { pathname }: URL): string {
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';')
  const known = kinds.find(([pattern]) => pattern.test(type.trim()))
  if (known !== undefined) return known[1]
  return isDocument(pathname) ? basename(pathname) : 'document.json'
}
