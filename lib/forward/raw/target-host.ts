import { parseIp } from './ip-address.ts'

/** What a client wants to be connected to. */
export interface TargetHost {
  /** In lower case, without a dot at its end; `undefined` where the client wrote an address. */
  readonly name: string | undefined
  /** The address that the client wrote, in its one form. */
  readonly address: string | undefined
  readonly port: number
}

const MAX_NAME_LENGTH = 253

/** Whether a text can be a name of the DNS, or of the hosts of a machine. */
export function isName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(text)
}

/** Returns the target of a host as a client writes it; `undefined` for what is neither a name nor an address. */
export function parseTargetHost(host: string, port: number): TargetHost | undefined {
  const address = parseIp(host)
  if (address !== undefined) return { name: undefined, address, port }
  const name = host.toLowerCase().replace(/\.$/, '')
  return isName(name) ? { name, address: undefined, port } : undefined
}

/** Returns a target for the log. */
export function formatTarget({ name, address = '', port }: TargetHost): string {
  return `${name ?? (address.includes(':') ? `[${address}]` : address)}:${port}`
}

/** Returns the target of `host:port`, with a port from 1; `undefined` for anything else. */
export function parseAuthority(authority: string, defaultPort?: number): TargetHost | undefined {
  const [, host = '', digits] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]@/?#\s]+)(?::(\d{1,5}))?$/.exec(authority) ?? []
  const port = digits === undefined ? defaultPort : Number(digits)
  if (host === '' || port === undefined || port < 1 || port > 65_535) return undefined
  return parseTargetHost(host, port)
}
