import { isIPv6 } from 'node:net'
import { ConfigError } from '../base/errors.ts'

/** An address to listen on: a port of an interface, or a Unix socket. */
export type Address = TcpAddress | UnixAddress

export interface TcpAddress {
  /** `undefined` for every interface. */
  readonly host: string | undefined
  /** 0 picks a free one. */
  readonly port: number
}

export interface UnixAddress {
  /** An absolute path. */
  readonly path: string
}

const tcpPattern = /^(?:\[([0-9a-fA-F:.%]+)\]|((?!\d+(?::|$))[^\s:[\],]*))(?::(\d+))?$/
const unixPrefix = 'unix:'

// The system's limit for such a path (sun_path), without the NUL at its end; Node.js would truncate a longer one.
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103

const DEFAULT_PORT = 8199

/**
 * Parses a list of addresses joined with `,`: `:8199` for every interface, `127.0.0.1:8199`, `[::1]:8199`,
 * `unix:/path/to/socket`, whose path can't contain a `,`.
 *
 * @param port replaces the port of the first address, and is that of addresses without one; default 8199
 * @throws ConfigError naming the address
 */
export function parseAddresses(list: string, port?: number): Address[] {
  return list.split(',').map((part, i) => parseAddress(part.trim(), i === 0 ? port : undefined, port ?? DEFAULT_PORT))
}

export function isUnixAddress(address: Address): address is UnixAddress {
  return 'path' in address
}

export function formatAddress(address: Address): string {
  if (isUnixAddress(address)) return unixPrefix + address.path
  const { host = '', port } = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function parseAddress(text: string, givenPort: number | undefined, defaultPort: number): Address {
  if (text.startsWith(`${unixPrefix}/`)) return parseUnixAddress(text, givenPort)
  const match = tcpPattern.exec(text)
  const port = givenPort ?? Number(match?.[3] ?? defaultPort)
  const isNoIPv6 = match?.[1] !== undefined && !isIPv6(match[1])
  if (match === null || text === '' || port > 65535 || isNoIPv6) {
    throw new ConfigError(
      `an address must be host:port, [IPv6]:port, :port for every interface, or unix:/path, got "${text}"`,
      { failure: 'ERR_TRIBIND_ADDRESS_SYNTAX' },
    )
  }
  return { host: match[1] ?? (match[2] || undefined), port }
}

function parseUnixAddress(text: string, port: number | undefined): UnixAddress {
  if (port)
    throw new ConfigError(`the port must be left out for the Unix socket "${text}", got ${port}`, {
      failure: 'ERR_TRIBIND_ADDRESS_PORT',
    })
  const path = text.slice(unixPrefix.length)
  const length = Buffer.byteLength(path)
  if (path.endsWith('/') || path.includes('\0'))
    throw new ConfigError(`the address of a Unix socket must name a file, got ${JSON.stringify(text)}`, {
      failure: 'ERR_TRIBIND_ADDRESS_SYNTAX',
    })
  if (length > MAX_PATH_BYTES) {
    throw new ConfigError(
      `the path of a Unix socket must have at most ${MAX_PATH_BYTES} bytes, got ${length} in "${text}": choose a shorter one`,
      { failure: 'ERR_TRIBIND_ADDRESS_LENGTH' },
    )
  }
  return { path }
}
