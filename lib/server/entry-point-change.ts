import { checkSendable, type Member } from '../base/workers.ts'
import type { EntryPointOptions } from '../entrypoint/entry-point-options.ts'
import { formatAddress, isUnixAddress, parseAddresses } from '../net/address.ts'

/** The topic of changes of entry points. */
export const ENTRY_POINTS = 'entry points'

/** What happens to an entry point while the server serves, in this process or in another one. */
export type EntryPointChange =
  | { readonly call: 'open' | 'replace'; readonly name: string; readonly given: EntryPointOptions }
  | { readonly call: 'close'; readonly name: string; readonly timeoutMs: number }

/**
 * Carries a change out in all workers, or in this process alone. Returns what it came to in each.
 *
 * @param fallback the address of options without one
 * @throws what `carryOut` throws; ConfigError for options that other processes can't be sent
 */
export async function shareChange(
  change: EntryPointChange,
  member: Member | undefined,
  fallback: string | undefined,
  carryOut: (change: EntryPointChange) => Promise<unknown>,
): Promise<readonly unknown[]> {
  if (member === undefined) return [await carryOut(change)]
  const { call, name } = change
  const place = member.isJoined ? undefined : name
  const agreed =
    call === 'close' ? change : { ...change, given: await withPorts(change.given, fallback, member, place) }
  if (!member.isJoined) return [await carryOut(agreed)]
  if (agreed.call !== 'close') checkSendable(`${call}EntryPoint "${name}"`, agreed.given)
  return member.change(ENTRY_POINTS, name, agreed)
}

/** Returns options with a free port in the place of 0, the same for all workers. @param place as that of `Member.findPort` */
export async function withPorts<Options extends Pick<EntryPointOptions, 'address'>>(
  options: Options,
  fallback: string | undefined,
  member: Member,
  place: string | undefined,
): Promise<Options> {
  const text = options.address ?? fallback
  if (typeof text !== 'string' || !/:0(?!\d)/.test(text)) return options
  const agreed: string[] = []
  for (const address of parseAddresses(text)) {
    const isOpen = !isUnixAddress(address) && address.port === 0
    const named = place === undefined ? undefined : `${place} ${agreed.length}`
    const port = isOpen ? { port: await member.findPort(address.host, named) } : {}
    agreed.push(formatAddress({ ...address, ...port }))
  }
  return { ...options, address: agreed.join(',') }
}
