/** Where a node is and how it is spoken to. */
export interface NodeAddress {
  /** The URL, without a slash at its end. */
  readonly text: string
  readonly isSecure: boolean
  /** `undefined` for a Unix socket. */
  readonly target: { readonly host: string; readonly port: number } | undefined
  /** Of a Unix socket. */
  readonly socketPath: string | undefined
  /** What goes before the path of each request, without a slash at its end; mostly empty. */
  readonly prefix: string
  /** What a Host field says of it. */
  readonly authority: string
}

/** What an address must be. */
export const addressWords = 'a URL that begins with http:// or https://, or unix:/path of a socket'

/** Reads an address; `undefined` for one that can't be. */
export function parseNodeAddress(value: unknown): NodeAddress | undefined {
  if (typeof value !== 'string' && !(value instanceof URL)) return undefined
  const text = String(value)
  if (text.startsWith('unix:')) return parseUnix(text)
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const { protocol, hostname, port, pathname, search, hash, username, password, host } = new URL(text)
  if (search !== '' || hash !== '' || username + password !== '') return undefined
  const isSecure = protocol === 'https:'
  const prefix = pathname.replace(/\/+$/, '')
  return {
    text: `${protocol}//${host}${prefix}`,
    isSecure,
    target: { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isSecure ? 443 : 80)) },
    socketPath: undefined,
    prefix,
    authority: host,
  }
}

function parseUnix(text: string): NodeAddress | undefined {
  const socketPath = text.slice('unix:'.length)
  if (!socketPath.startsWith('/') || socketPath.includes('\0')) return undefined
  return { text, isSecure: false, target: undefined, socketPath, prefix: '', authority: 'localhost' }
}
