/** Names and values in turn, as in `rawHeaders` of `node:http`. */
export type Fields = string[]

/** Fields between two machines alone (RFC 9110, section 7.6.1), and what says where a body ends, which each of them says anew. */
const hopByHop = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Fields that must not come as trailers (RFC 9110, section 6.5.1): framing, routing, authentication and what is read first. */
const neverTrailers = new Set([
  ...hopByHop,
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expires',
  'host',
  'location',
  'max-forwards',
  'range',
  'retry-after',
  'set-cookie',
  'trailer',
  'vary',
  'www-authenticate',
])

/** Returns what tells, by lower-case name, the fields of a message that go no further than here. */
export function hopFilter(connection: string | undefined): (name: string) => boolean {
  const named = namesIn(connection)
  return named === undefined ? (name) => hopByHop.has(name) : (name) => hopByHop.has(name) || named.has(name)
}

/** The fields that a Connection field names; `undefined` for the usual ones. */
function namesIn(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
}

/** The trailers that may be passed on, by name. A list of text for each: `addTrailers` takes it in HTTP/1.1 and in HTTP/2. */
export function passTrailers(rawTrailers: readonly string[]): Record<string, string[]> | undefined {
  let trailers: Record<string, string[]> | undefined
  for (let i = 0; i < rawTrailers.length; i += 2) {
    const name = (rawTrailers[i] as string).toLowerCase()
    const value = rawTrailers[i + 1] as string
    // HTTP/2 knows names that begin with a colon; and node:http would throw at a value with a control character.
    const isPassed = !neverTrailers.has(name) && isName.test(name) && isValue.test(value)
    if (!isPassed) continue
    trailers ??= Object.create(null) as Record<string, string[]>
    ;(trailers[name] ??= []).push(value)
  }
  return trailers
}

const isName = /^[!#$%&'*+.^_`|~\w-]+$/
const isValue = /^[\t\x20-\x7e\x80-\xff]*$/
