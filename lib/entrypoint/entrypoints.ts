import type { RequestListener } from 'node:http'
import type { Address } from './address.ts'
import { Entrypoint, type HttpLimits, type UpgradeListener } from './entrypoint.ts'

/** What every entrypoint of a server is opened with. */
export interface EntrypointOptions {
  readonly limits: HttpLimits
  /** Called for each address. */
  readonly createListeners: () => EntrypointListeners
}

/** What serves the requests of one address. */
export interface EntrypointListeners {
  readonly listener: RequestListener
  /** `undefined` where there is nothing to go over to. */
  readonly upgradeListener: UpgradeListener | undefined
  /** Called with the address as bound, before any request; what it throws closes all that was opened. */
  readonly opened?: (address: string) => unknown
}

/** Opens all addresses, or none: those already open are closed again where one can't be. */
export async function openEntrypoints(
  addresses: readonly Address[],
  { limits, createListeners }: EntrypointOptions,
): Promise<readonly Entrypoint[]> {
  const opened: Entrypoint[] = []
  try {
    for (const address of addresses) {
      const listeners = createListeners()
      const entrypoint = await Entrypoint.open(address, limits, listeners.listener, listeners.upgradeListener)
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
