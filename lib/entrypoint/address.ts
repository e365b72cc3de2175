import { ConfigError } from '../base/errors.ts'

/** Where to listen. */
export interface Address {
  /** `undefined` for every interface. */
  readonly host: string | undefined
  /** 0 takes a free one. */
  readonly port: number
}

const addressPattern = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:[\],]*))(?::(\d+))?$/

/**
 * Reads a list of addresses joined with `,`: `:8199` for every interface, `127.0.0.1:8199`, `[::1]:8199`.
 *
 * @param defaultPort of an address that names none
 * @throws ConfigError naming the address
 */
export function parseAddresses(list: string, defaultPort: number): Address[] {
  return list.split(',').map((part) => parseAddress(part.trim(), defaultPort))
}

export function formatAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function parseAddress(text: string, defaultPort: number): Address {
  const match = addressPattern.exec(text)
  const port = Number(match?.[3] ?? defaultPort)
  if (match === null || text === '' || port > 65535) {
    throw new ConfigError(`"${text}" is no address: write host:port, [IPv6]:port, or :port for every interface`)
  }
  return { host: match[1] ?? (match[2] || undefined), port }
}
