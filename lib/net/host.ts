const hostPattern = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)\.?(?::(\d{0,5}))?$/i
const MAX_LENGTH = 255 + ':65535'.length

// Most requests have the same Host as the one before, and comparing is the cheapest; nearly all have one of a few.
let lastField = ''
let lastHost: string | undefined = ''
const known = new Map<string, string>()
/** A limit, since clients may invent hosts. */
const MAX_KNOWN = 256

/**
 * Returns the host of a Host field (RFC 9110, section 7.2) in lower case, without port and without a dot at its end.
 *
 * @returns `undefined` unless the field is one host name or address, with or without a port
 */
export function parseHost(field: string): string | undefined {
  if (field === lastField) return lastHost
  lastHost = known.get(field) ?? learn(field)
  lastField = field
  return lastHost
}

/**
 * Returns the Host field of a message.
 *
 * @param rawHeaders names and values in turn, as in `node:http`, whose `headers` merge two Host fields into one
 * @returns `''` without one, `undefined` if there are several (RFC 9112, section 3.2: answered 400)
 */
export function findHostField(rawHeaders: readonly string[]): string | undefined {
  let field: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') {
      if (field !== undefined) return undefined
      field = rawHeaders[i + 1]
    }
  }
  return field ?? ''
}

function learn(field: string): string | undefined {
  const host = readHost(field)
  if (host === undefined) return undefined
  if (known.size === MAX_KNOWN) known.clear()
  known.set(field, host)
  return host
}

function readHost(field: string): string | undefined {
  if (field === '') return ''
  const [, host, port] = (field.length <= MAX_LENGTH && hostPattern.exec(field)) || []
  return Number(port ?? 0) > 65535 ? undefined : host?.toLowerCase()
}
