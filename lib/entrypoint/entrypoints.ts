import type { Address } from './address.ts'
import { Entrypoint, type EntrypointOptions } from './entrypoint.ts'

/** Opens all addresses, or none: those already open are closed again where one can't be. */
export async function openEntrypoints(
  addresses: readonly Address[],
  options: EntrypointOptions,
): Promise<readonly Entrypoint[]> {
  const opened: Entrypoint[] = []
  try {
    for (const address of addresses) opened.push(await Entrypoint.open(address, options))
    return opened
  } catch (error) {
    await Promise.all(opened.map((entrypoint) => entrypoint.close(0)))
    throw error
  }
}
