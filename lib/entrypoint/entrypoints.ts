import type { Address } from '../net/address.ts'
import { Entrypoint } from './entrypoint.ts'
import type { HttpListeners, HttpServerOptions } from './http-server.ts'

/** What serves the requests of one address. */
export interface AddressListeners extends HttpListeners {
  /** Called with the address as bound, before any request; what it throws closes all that was opened. */
  readonly opened?: (address: string) => unknown
}

/**
 * Opens all addresses, or none: those already open are closed again where one can't be.
 *
 * @param createListeners is called for each address
 */
export async function openEntrypoints(
  addresses: readonly Address[],
  options: HttpServerOptions,
  createListeners: () => AddressListeners,
): Promise<readonly Entrypoint[]> {
  const opened: Entrypoint[] = []
  try {
    for (const address of addresses) {
      const listeners = createListeners()
      const entrypoint = await Entrypoint.open(address, options, listeners)
      opened.push(entrypoint)
      listeners.opened?.(entrypoint.address)
    }
    return opened
  } catch (error) {
    await closeEntrypoints(opened, 0)
    throw error
  }
}

/** Connections that had to be cut, and where they had come in. */
export interface Cut {
  readonly address: string
  readonly connections: number
}

/** Closes all, side by side; gives what was cut after `timeoutMs`. */
export async function closeEntrypoints(entrypoints: readonly Entrypoint[], timeoutMs: number): Promise<Cut[]> {
  const closing = entrypoints.map(async (entrypoint) => {
    const connections = await entrypoint.close(timeoutMs)
    return { connections, address: entrypoint.address }
  })
  return (await Promise.all(closing)).filter(({ connections }) => connections > 0)
}
